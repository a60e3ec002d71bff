import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { identityApp, person } from '../identity/people.ts'
import { house } from '../kit/story.ts'
import { HOUR } from '../kit/time.ts'

const page = await readFile(new URL('../../docs/five-systems.md', import.meta.url), 'utf8')

/** The operations of the page, in its order, each with its variables. */
const operations = [...page.matchAll(/```graphql\n(.*?)```(?:\s*```json\n(.*?)```)?/gs)].map(
  ([, document = '', variables = '{}']) => ({
    name: /\w+ (\w+)/.exec(document)?.[1] ?? '',
    document,
    variables,
  }),
)

/** What each operation of the page comes to. */
const ANSWERS: Record<string, object> = {
  FindTheDoor: { organization: { integrationByName: { portalByName: { name: 'Lobby' } } } },
  InviteToTheDoor: {
    createInvite: {
      invite: { status: 'SCHEDULED', maxUses: 50, usesRemaining: 50, portals: [{ name: 'Lobby' }] },
    },
  },
  Claim: { acceptInvite: { grant: { portals: [{ name: 'Lobby' }] } } },
  Open: { openPortal: { portal: { name: 'Lobby' } } },
  InviteAGuest: {
    createGuestInvitation: {
      guestInvitation: {
        organization: { name: 'Acme' },
        parentOrganization: null,
        email: 'Ada@guests.example',
        status: 'PENDING',
        acceptedVia: null,
        expiresAt: '2031-01-01T00:00:00.000Z',
        expired: false,
        archived: false,
        acceptedAt: null,
        archivedAt: null,
        revokedAt: null,
      },
    },
  },
  InviteMembers: {
    createMemberInvitations: {
      results: [
        {
          memberInvitation: {
            email: 'grace@acme.example',
            name: 'Grace Hopper',
            tags: ['compilers'],
            accessType: 'WEB',
            role: 'ORG_MEMBER',
            status: 'PENDING',
          },
        },
        { memberInvitation: { email: 'ci@acme.example', tags: [], accessType: 'API', role: 'ORG_VIEWER' } },
        { issues: [{ path: ['invitations', '2', 'email'] }] },
      ],
    },
  },
  ItsActivity: {
    organization: {
      activities: {
        edges: [{ node: { type: 'CREATE_MEMBER_INVITATIONS', status: 'COMPLETED', failure: null } }],
      },
    },
  },
  WhatIsThisLink: {
    invitationPreview: {
      kind: 'MEMBER',
      organizationName: 'Acme',
      email: 'c***@acme.example',
      role: 'ORG_VIEWER',
      acceptable: true,
      closedReason: null,
    },
  },
  JoinByToken: {
    acceptMemberInvitation: {
      apiKey: expect.stringMatching(/^lk_key_/),
      membership: { role: 'ORG_VIEWER' },
      user: { email: 'ci@acme.example' },
    },
  },
  MakeALink: { createJoinLink: { joinLink: { role: 'ORG_MEMBER', usesRemaining: 100, status: 'PENDING' } } },
  JoinByLink: { joinOrganization: { membership: { role: 'ORG_MEMBER', user: { isActive: true } } } },
  IsTheUserActive: { node: { isActive: true } },
  Welcome: { sendWelcomeMessage: { user: {} } },
}

test('every operation of the page does what it says, one after the other', async () => {
  const app = await identityApp()
  const acme = await house(app)
  const ada = { email: 'ada@example.org', email_verified: true, name: 'Ada' }
  const nobody = async () => undefined
  /** Who sends it; the organization's own key if not said. */
  const callers: Record<string, () => Promise<string | undefined>> = {
    ...{ Claim: nobody, Open: nobody, WhatIsThisLink: nobody, JoinByToken: nobody },
    JoinByLink: async () => (await person(app, 'ada', ada)).token,
  }
  const seen = new Map<string, string>()
  expect(operations.map(({ name }) => name)).toEqual(Object.keys(ANSWERS))
  for (const { name, document, variables } of operations) {
    if (name === 'Claim') app.time.advance(HOUR)
    const filled = variables.replaceAll(/(\w+_)…/g, (_, prefix: string) => seen.get(prefix) ?? prefix)
    const key = name in callers ? await callers[name]?.() : acme.key
    const { data, errors } = await app.call(document, JSON.parse(filled), { key })
    expect(errors, name).toEqual([])
    expect(data, name).toMatchObject(ANSWERS[name] ?? {})
    for (const [secret, prefix = ''] of JSON.stringify(data).matchAll(
      /\b(lk_[a-z]+_)[\w-]{43}|\b([a-z_]+_)[0-7][0-9a-z]{25}\b/g,
    ))
      seen.set(prefix || secret.slice(0, -26), secret)
  }
})
