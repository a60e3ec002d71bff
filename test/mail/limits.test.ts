import { expect, test } from 'vitest'
import type { Viewer } from '#domain/access.ts'
import { createGuestInvitation, createGuestInvitations } from '#domain/guestInvitationCreation.ts'
import { resendGuestInvitation } from '#domain/guestInvitationResending.ts'
import { newId } from '#domain/ids.ts'
import { queueMail } from '#domain/mail.ts'
import { insertMembership } from '#domain/member.ts'
import { createMemberInvitations } from '#domain/memberInvitationBulk.ts'
import { resendMemberInvitation } from '#domain/memberInvitationChange.ts'
import { createMemberInvitation } from '#domain/memberInvitationCreation.ts'
import { emailKey } from '#domain/names.ts'
import { sendWelcomeMessage } from '#domain/welcomeMessage.ts'
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
    invite: ({ store }, viewer, email) =>
      createGuestInvitation(store, viewer, { email, expiresAt: store.now() + DAY }),
  },
  createGuestInvitations: {
    count: 1,
    async invite({ store }, viewer, email) {
      const guestInvitations = [{ email, expiresAt: store.now() + DAY }]
      onlyLimitedRows(await createGuestInvitations(store, viewer, { guestInvitations }))
    },
  },
  resendGuestInvitation: {
    count: 1,
    async invite({ store }, viewer, email) {
      const input = { email, expiresAt: store.now() + DAY, sendEmail: false }
      const { guestInvitation } = await createGuestInvitation(store, viewer, input)
      await resendGuestInvitation(store, viewer, { id: guestInvitation.id })
    },
  },
  createMemberInvitation: {
    count: 1,
    invite: ({ store }, viewer, email) => createMemberInvitation(store, viewer, { email }),
  },
  createMemberInvitations: {
    count: 1,
    async invite({ store }, viewer, email) {
      onlyLimitedRows(await createMemberInvitations(store, viewer, { invitations: [{ email }] }))
    },
  },
  resendMemberInvitation: {
    count: 1,
    async invite({ store }, viewer, email) {
      const { memberInvitation } = await createMemberInvitation(store, viewer, { email, sendEmail: false })
      await resendMemberInvitation(store, viewer, { id: memberInvitation.id })
    },
  },
  sendWelcomeMessage: {
    count: 1,
    async invite({ store }, viewer, email) {
      const userId = await memberWith(store, viewer, email)
      const message = { userId, template: 'WELCOME_MEMBER', again: true } as const
      await sendWelcomeMessage(store, viewer, message)
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

/** A member with this address, who is one only for as long as they are welcomed. */
const memberWith = ({ write }: TestApp['store'], { organizationId }: Sender, email: string) =>
  write(async (tx) => {
    const id = newId('User')
    const user = { id, issuer: 'https://issuer.example', subject: id, email, email_key: emailKey(email) }
    await tx.db
      .insertInto('users')
      .values({ ...user, name: null, created_at: tx.now })
      .execute()
    await insertMembership(tx, { organizationId, userId: id, role: 'GUEST', accessType: 'WEB' })
    return id
  })

/** What was made would alone stand in the way of the next. */
const makeWay = ({ store }: TestApp) =>
  store.write(async ({ db, now }) => {
    await db.updateTable('guest_invitations').set({ closed: 1 }).where('closed', '=', 0).execute()
    await db.updateTable('member_invitations').set({ closed: 1 }).where('closed', '=', 0).execute()
    await db.updateTable('memberships').set({ removed_at: now }).where('removed_at', 'is', null).execute()
  })

const onlyLimitedRows = ({ results }: { results: object[] }) => {
  for (const result of results) if ('code' in result) onlyLimited(result as { code: string })
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
        await makeWay(app)
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
