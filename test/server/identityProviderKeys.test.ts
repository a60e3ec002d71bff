import { expect, onTestFinished, test, vi } from 'vitest'
import { createIdentityProvider, IdentityProviderUnavailableError } from '#server/identityProvider.ts'
import { startIdentityProvider } from '../kit/identityProvider.ts'
import { SECOND } from '../kit/time.ts'

async function start() {
  const idp = await startIdentityProvider()
  const { verify } = createIdentityProvider(idp)
  return { idp, verify }
}

const refusal = (message: string) => ({ code: 'UNAUTHENTICATED', message, details: {} })

/** Lets the test move the clock by which keys are kept and fetched. */
function keyClock() {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  return { advance: (ms: number) => void vi.setSystemTime(Date.now() + ms) }
}

test('the keys are fetched once, for many tokens at once and after', async () => {
  const { idp, verify } = await start()
  const token = await idp.sign()

  await Promise.all(Array.from({ length: 20 }, () => verify(token)))
  await verify(token)

  expect(idp.fetches()).toBe(1)
})

test('after a rotation the keys are fetched anew, and the old key no longer passes', async () => {
  const { idp, verify } = await start()
  const clock = keyClock()
  const old = await idp.sign()
  await verify(old)
  await idp.rotate()
  clock.advance(31 * SECOND)

  expect(await verify(await idp.sign())).toMatchObject({ subject: 'user-1' })

  expect(idp.fetches()).toBe(2)
  await expect(verify(old)).rejects.toMatchObject(refusal(expect.stringContaining('does not publish')))
})

test('tokens with unknown keys make no more fetches than the cooldown allows', async () => {
  const { idp, verify } = await start()
  const clock = keyClock()
  await verify(await idp.sign())
  const strange = await idp.sign({}, { header: { kid: 'made-up' } })

  for (let second = 0; second < 100; second += 1) {
    await expect(verify(strange)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    clock.advance(SECOND)
  }

  expect(idp.fetches()).toBe(4)
})

test('a token without a key id passes while there is one key, and is refused when there are two', async () => {
  const { idp, verify } = await start()
  const clock = keyClock()
  const sign = () => idp.sign({}, { header: { kid: undefined } })
  expect(await verify(await sign())).toMatchObject({ subject: 'user-1' })

  await idp.rotate({ keep: true })
  clock.advance(11 * 60 * SECOND)

  await expect(verify(await sign())).rejects.toMatchObject(
    refusal('This token does not say which key signed it.'),
  )
  expect(await verify(await idp.sign())).toMatchObject({ subject: 'user-1' })
})

test('keys that cannot be had are a failure of their own, asked for sparingly until they are back', async () => {
  const { idp, verify } = await start()
  const clock = keyClock()
  const token = await idp.sign()
  idp.answerWith(503)

  for (let attempt = 0; attempt < 10; attempt += 1) {
    await expect(verify(token)).rejects.toThrow(IdentityProviderUnavailableError)
  }
  expect(idp.fetches()).toBe(1)

  idp.answerWith(200)
  clock.advance(2 * SECOND)
  expect(await verify(token)).toMatchObject({ subject: 'user-1' })
})

test('with the identity provider gone, known keys go on for a while; unknown ones are no verdict', async () => {
  const { idp, verify } = await start()
  const clock = keyClock()
  const token = await idp.sign()
  await verify(token)
  await idp.stop()

  clock.advance(5 * 60 * SECOND)
  expect(await verify(token)).toMatchObject({ subject: 'user-1' })
  const strange = await idp.sign({}, { header: { kid: 'made-up' } })
  await expect(verify(strange)).rejects.toThrow(IdentityProviderUnavailableError)

  clock.advance(6 * 60 * SECOND)
  await expect(verify(token)).rejects.toThrow(IdentityProviderUnavailableError)
})
