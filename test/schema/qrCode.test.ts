import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { testApp } from '../kit/app.ts'
import { house } from '../kit/story.ts'

const CREATE = `mutation ($input: CreateInviteInput!) {
  createInvite(input: $input) { ... on CreateInvitePayload { inviteUrl qrCode replayed invite { id qrCode } } }
}`

test('a new invite comes with its link as a QR code, once', async () => {
  const app = await testApp()
  const { ask, integrationId, portalIds } = await house(app)
  const input = { integrationId, portalIds, idempotencyKey: 'once' }
  const { createInvite: made } = await ask(CREATE, { input })
  // Each dark square is one step of the path, beside a margin of four.
  const { data } = encode(made.inviteUrl, { ecc: 'M', border: 4 })
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x * 10},${y * 10}` : [])))
  const [, path = ''] = / d="([^"]+)"/.exec(made.qrCode) ?? []
  expect(path.match(/M\d+,\d+/g)).toEqual(dark)
  expect(made.qrCode).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>$/)
  expect(made.qrCode).not.toMatch(/script|href/)

  // The invite itself has it in this answer, and in no other.
  const { id, qrCode } = made.invite
  expect(qrCode).toBe(made.qrCode)
  expect(await ask('query ($id: ID!) { invite(id: $id) { qrCode } }', { id })).toEqual({
    invite: { qrCode: null },
  })
  const { createInvite: again } = await ask(CREATE, { input })
  expect(again).toEqual({ inviteUrl: null, qrCode: null, replayed: true, invite: { id, qrCode: null } })
})
