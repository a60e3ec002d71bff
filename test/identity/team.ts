import { organization } from '../kit/app.ts'
import {
  answerOf,
  CREATE_KEY,
  identityApp,
  MEMBERS,
  nodesOf,
  REMOVE_MEMBER,
  UPDATE_MEMBER,
} from './people.ts'

/** An organization without members yet, and what those who may do to members. */
export async function team() {
  const app = await identityApp()
  const acme = await organization(app)
  const update = (input: object, key = acme.key) => answerOf(app, UPDATE_MEMBER, input, { key })
  const remove = (id: string, key = acme.key) => answerOf(app, REMOVE_MEMBER, { id }, { key })
  const create = (input: object, key: string) =>
    answerOf(app, CREATE_KEY, { name: 'Mine', role: 'ORG_ADMIN', ...input }, { key })
  const list = async (key = acme.key) =>
    nodesOf((await app.call(MEMBERS, {}, { key })).data.organization.members)
  const status = async (key: string) => (await app.call('{ viewer { role } }', {}, { key })).status
  return { app, acme, update, remove, create, list, status }
}
