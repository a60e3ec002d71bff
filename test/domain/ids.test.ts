import { expect, test } from 'vitest'
import { newId, typeOfId } from '#domain/ids.ts'

test('ids that are made in one millisecond still sort in the order in which they were made', () => {
  const ids = Array.from({ length: 10_000 }, () => newId('Invite'))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

test('an id names its type; nothing else is an id', () => {
  for (const type of ['Organization', 'Invite', 'GuestInvitation', 'AccessGrant'] as const)
    expect(typeOfId(newId(type))).toBe(type)
  const id = newId('Invite')
  for (const other of [
    '',
    'invite_',
    id.slice(0, -1),
    `${id}0`,
    id.toUpperCase(),
    id.replace('invite', 'door'),
    ` ${id}`,
  ])
    expect(typeOfId(other), other).toBeUndefined()
})
