import { organization, testApp } from '../kit/app.ts'
import { answerOf, CREATE_KEY, KEYS, nodesOf, REVOKE_KEY, ROTATE_KEY } from './people.ts'

/** An organization, and what its administrator does with keys. */
export async function keyring() {
  const app = await testApp()
  const acme = await organization(app)
  const create = (input: object, key = acme.key) =>
    answerOf(app, CREATE_KEY, { name: 'Front desk', role: 'ORG_MEMBER', ...input }, { key })
  const rotate = (input: object, key = acme.key) => answerOf(app, ROTATE_KEY, input, { key })
  const revoke = (id: string, key = acme.key) => answerOf(app, REVOKE_KEY, { id }, { key })
  const works = async (key: string) => (await app.call('{ viewer { role } }', {}, { key })).status === 200
  const list = async () => nodesOf((await app.call(KEYS, {}, { key: acme.key })).data.organization.apiKeys)
  return { app, acme, create, rotate, revoke, works, list }
}
