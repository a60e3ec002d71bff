import { expect, onTestFinished, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { startServer } from '../kit/server.ts'
import { house, invite, REVOKE_INVITE } from '../kit/story.ts'
import { DAY, HOUR } from '../kit/time.ts'
import { visitor } from './visitor.ts'

/** What a page is told: each `next` waits for it. */
async function follow(app: Parameters<typeof visitor>[0], token: string, guest = visitor(app)) {
  const response = await guest.get(`/invite/${token}/live`)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  onTestFinished(() => reader?.cancel())
  const next = async (): Promise<string | undefined> => {
    const { value, done } = (await reader?.read()) ?? { done: true }
    if (done) return undefined
    return /data: (\w+)/.exec(value ?? '')?.[1] ?? next()
  }
  const shown = async () => /data-state="(\w+)"/.exec(await guest.text(`/invite/${token}`))?.[1]
  return { response, next, shown, leave: () => reader?.cancel() }
}

test('an open page is told how the invitation stands, then each change that shows', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme, { startsIn: '1h', expiresIn: '1d', maxUses: 2 })
  const page = await follow(app, token)
  expect(page.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const told = [await page.next()]
  const changes = [
    async () => app.time.advance(HOUR),
    async () => void (await visitor(app).submit(`/invite/${token}`)),
    async () => void (await visitor(app).submit(`/invite/${token}`)),
    async () => void (await acme.ask(REVOKE_INVITE, { id })),
  ]
  for (const change of changes) {
    expect(told.at(-1)).toBe(await page.shown())
    await change()
    told.push(await page.next())
  }
  expect(told.at(-1)).toBe(await page.shown())
  expect(new Set(told).size).toBe(5)
  expect(told.every((digest) => /^[0-9a-f]{16}$/.test(digest ?? ''))).toBe(true)
})

test('who is in hears nothing of other guests, and all of the end', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { token } = await invite(acme, { expiresIn: '1d', maxUses: 2 })
  const ada = visitor(app)
  await ada.submit(`/invite/${token}`)
  const page = await follow(app, token, ada)
  const before = await page.next()
  await visitor(app).submit(`/invite/${token}`)
  app.time.advance(DAY)
  const after = await page.next()
  expect([before, after]).not.toContain(undefined)
  expect(after).not.toBe(before)
  expect(after).toBe(await page.shown())
})

test('a link that dies while its page is open ends the stream; an unknown one has none', async () => {
  const app = await testApp()
  const acme = await house(app)
  const { id, token } = await invite(acme)
  const page = await follow(app, token)
  await page.next()
  await app.store.write((tx) =>
    tx.db.updateTable('invites').set({ token_hash: 'another' }).where('id', '=', id).execute(),
  )
  await acme.ask(REVOKE_INVITE, { id })
  expect(await page.next()).toBe('gone')
  expect(await page.next()).toBeUndefined()
  expect((await visitor(app).get(`/invite/${token}/live`)).status).toBe(404)
})

test('no address has more than a hundred pages follow at once, and those that leave make room', async () => {
  const app = await testApp()
  const { token } = await invite(await house(app))
  const pages = await Promise.all(Array.from({ length: 100 }, () => follow(app, token)))
  for (const page of pages) await page.next()
  const refused = await visitor(app).get(`/invite/${token}/live`)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
  await pages[0]?.leave()
  expect((await follow(app, token)).response.status).toBe(200)
})

test('open pages do not hold up the server’s end', async () => {
  const server = await startServer()
  const acme = await house(server as never, 'Beta')
  const { token } = await invite(acme)
  const response = await fetch(`${server.url}/invite/${token}/live`)
  const reader = response.body?.getReader()
  await reader?.read()
  const [{ done }] = await Promise.all([reader?.read() ?? { done: false }, server.stop()])
  expect(done).toBe(true)
})
