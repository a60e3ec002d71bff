import { expect, test } from 'vitest'
import type { Viewer } from '#domain/access.ts'
import { createGuestInvitation } from '#domain/guestInvitation.ts'
import { queueMail } from '#domain/mail.ts'
import { hosts } from '../domain/hosting.ts'
import { organization, type TestApp, testApp } from '../kit/app.ts'
import { courier, mailServer, outbox, soon } from '../kit/mailServer.ts'
import { DAY, HOUR } from '../kit/time.ts'

const VICTIM = 'Victim@guest.example'
const ORGANIZATIONS = 20
const INVITATIONS = 10_000
const HOURS = 4

type Sender = Viewer & { kind: 'key' }

/** A way by which somebody gets a mail: tries so many at once, and may be refused. */
interface Way {
  count: number
  invite(app: TestApp, viewer: Sender, email: string): Promise<unknown>
}

/** Every way that there is. */
const ways: Record<string, Way> = {
  createGuestInvitation: {
    count: 1,
    async invite({ store }, viewer, email) {
      const expiresAt = store.now() + DAY
      const { guestInvitation } = await createGuestInvitation(store, viewer, { email, expiresAt })
      // Otherwise it alone would stand in the way of the next.
      await store.write(({ db }) =>
        db.updateTable('guest_invitations').set({ closed: 1 }).where('id', '=', guestInvitation.id).execute(),
      )
    },
  },
  /** As bulk calls do: each row by itself. */
  'many at once': {
    count: 100,
    invite: ({ store }, { actorId, organizationId }, email) =>
      store.write(async (tx) => {
        tx.actorId = actorId
        const mail = { organizationId, template: 'member_invitation', locale: null, email } as const
        for (let row = 0; row < 100; row++) await tx.attempt(() => queueMail(tx, mail)).catch(onlyLimited)
      }),
  },
}

const onlyLimited = (error: { code?: string }) => expect(error.code).toBe('RATE_LIMITED')

test(`${INVITATIONS} invitations to one address from ${ORGANIZATIONS} organizations: at most 5 mails an hour`, async () => {
  const app = await testApp({ limits: { openInvitations: 1e9 } })
  const server = await mailServer()
  courier(app, server)
  const senders: Sender[] = []
  for (let index = 0; index < ORGANIZATIONS; index++) {
    const { id, keyId } = await organization(app, `Acme ${index}`)
    senders.push({ kind: 'key', actorId: keyId, organizationId: id, role: 'ORG_ADMIN', scopes: null })
  }
  const sent: number[] = []
  let tried = 0
  for (let hour = 1; hour <= HOURS; hour++) {
    for (let call = 0; tried < (hour * INVITATIONS) / HOURS; call++) {
      const sender = senders[call % ORGANIZATIONS] as Sender
      for (const { count, invite } of Object.values(ways)) {
        await invite(app, sender, call % 2 ? VICTIM : VICTIM.toUpperCase()).catch(onlyLimited)
        tried += count
      }
    }
    await soon(async () => expect((await outbox(app)).every(({ state }) => state === 'SENT')).toBe(true))
    sent.push(server.received.length)
    app.time.advance(HOUR)
  }
  expect(tried).toBeGreaterThanOrEqual(INVITATIONS)
  expect(sent).toEqual([5, 10, 15, 20])
}, 60_000)

test('after an outage no more than 5 an hour go out to one address, and all of them do', async () => {
  const { app, acme } = await hosts()
  const server = await mailServer()
  const post = (email: string) =>
    app.store.write((tx) =>
      queueMail(tx, { organizationId: acme.id, template: 'welcome_guest', locale: null, email }),
    )
  for (let hour = 0; hour < 3; hour++) {
    for (let count = 0; count < 5; count++) await post(VICTIM)
    app.time.advance(HOUR)
  }
  await post('other@guest.example')
  courier(app, server)
  const toVictim = () => server.received.filter(({ recipient }) => recipient === VICTIM).length
  const allTried = () =>
    soon(async () => {
      const mails = await outbox(app)
      expect(
        mails.every(({ due_at, claimed_at }) => !claimed_at && (due_at ?? Infinity) > app.time.now()),
      ).toBe(true)
    })
  await allTried()
  expect([server.received.length, toVictim()]).toEqual([6, 5])
  app.time.advance(HOUR - 1)
  await allTried()
  expect(toVictim()).toBe(5)
  app.time.advance(1)
  await soon(() => expect(toVictim()).toBe(10))
  await allTried()
  expect(toVictim()).toBe(10)
  app.time.advance(HOUR)
  await soon(() => expect(toVictim()).toBe(15))
  await soon(async () => expect((await outbox(app)).every(({ state }) => state === 'SENT')).toBe(true))
})

test('the limits of inviters and organizations hold, and can be set', async () => {
  const limits = { mailsPerInviterAnHour: 2, mailsPerOrganizationADay: 3 }
  const { app, acme, create } = await hosts({ limits })
  const codes: string[] = []
  const invite = async (of: typeof acme, index: number) =>
    codes.push((await create(of, `g${index}@guest.example`)).code)
  for (const index of [1, 2, 3]) await invite(acme, index)
  app.time.advance(HOUR)
  for (const index of [4, 5]) await invite(acme, index)
  app.time.advance(23 * HOUR)
  await invite(acme, 6)
  expect(codes).toEqual([undefined, undefined, 'RATE_LIMITED', undefined, 'RATE_LIMITED', undefined])
})
