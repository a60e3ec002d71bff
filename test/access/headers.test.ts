import { expect, test } from 'vitest'
import { organization } from '../kit/app.ts'
import { accept, codesOf, neighbours, request } from './connecting.ts'

test('headers: whose credential it is and whom it is for must be true', async () => {
  const { app, acme, other, as } = await neighbours()
  const { id } = await request(app, other.key, acme.id)
  await accept(app, acme.key, id)
  const stranger = await organization(app, 'Stranger')
  const at = (headers: Record<string, string>, key: string | undefined = other.key) =>
    app.call('{ viewer { organization { id } target { id } } }', {}, key ? as(key, headers) : { headers })
  const requester = (organizationId: string) => ({ 'requester-organization-id': organizationId })
  const target = (organizationId: string) => ({ 'target-organization-id': organizationId })
  const alias = (organizationId: string) => ({ 'x-org': organizationId })

  const forAcme = { viewer: { organization: { id: other.id }, target: { id: acme.id } } }
  const forSelf = { viewer: { organization: { id: other.id }, target: { id: other.id } } }
  for (const headers of [
    target(acme.id),
    alias(acme.id),
    { ...target(acme.id), ...alias(acme.id) },
    { ...requester(other.id), ...target(acme.id) },
  ]) {
    expect((await at(headers)).data, JSON.stringify(headers)).toEqual(forAcme)
  }
  for (const headers of [requester(other.id), target(other.id), alias(other.id), target(''), requester('')]) {
    expect((await at(headers)).data, JSON.stringify(headers)).toEqual(forSelf)
  }
  const garbage = [
    'garbage',
    acme.keyId,
    `${acme.id}x`,
    acme.id.toUpperCase(),
    "' or 1=1",
    `org_${'0'.repeat(26)}`,
  ]
  const bad: [code: string, headers: Record<string, string>][] = [
    ...[acme.id, stranger.id, ...garbage].map((named) => ['FORBIDDEN', requester(named)] as [string, object]),
    ...[stranger.id, ...garbage].map((named) => ['FORBIDDEN', target(named)] as [string, object]),
    ...[stranger.id, ...garbage].map((named) => ['FORBIDDEN', alias(named)] as [string, object]),
    ['BAD_USER_INPUT', { ...target(acme.id), ...alias(other.id) }],
    ['FORBIDDEN', { ...requester(acme.id), ...target(other.id) }],
  ] as never
  for (const [code, headers] of bad) {
    const { data, errors } = await at(headers)
    expect({ data, codes: codesOf({ errors }) }, JSON.stringify(headers)).toEqual({
      data: null,
      codes: [code],
    })
    expect(JSON.stringify(errors)).not.toContain(Object.values(headers)[0])
  }
  const anonymous = await app.call('{ __typename }', {}, { headers: target(acme.id) })
  expect(codesOf(anonymous)).toEqual(['UNAUTHENTICATED'])
})
