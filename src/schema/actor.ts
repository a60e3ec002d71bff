import type { ApiKey as ApiKeyRow, User as UserRow } from '#db/tables.ts'
import { findApiKeys, findUsers } from '#domain/actor.ts'
import { typeOfId } from '#domain/ids.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { nodeRef } from './node.ts'

export const User = nodeRef<UserRow>('User', (ids, { store, viewer }) => findUsers(store, viewer, ids))

User.implement({
  description:
    'A person whom the identity provider vouches for, or who has accepted a member invitation. Seen by themselves and with `member:read`.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: true,
      description: 'As the identity provider has it; before they sign in, as they were invited.',
    }),
    email: t.expose('email', {
      type: 'EmailAddress',
      nullable: true,
      description:
        'The verified e-mail address, or the invited one of somebody who came by a link that was handed to them; null where there is none.',
    }),
    createdAt: t.expose('created_at', {
      type: 'DateTime',
      description: 'When they first signed in, or accepted.',
    }),
  }),
})

/** Its fields are the API key's own file's. */
export const ApiKey = nodeRef<ApiKeyRow>('ApiKey', (ids, { store, viewer }) =>
  findApiKeys(store, viewer, ids),
)

export const Actor = builder.unionType('Actor', {
  description: 'Who acts: a person or a key.',
  types: [User, ApiKey],
  resolveType: (actor: ApiKeyRow | UserRow) => typeOfId(actor.id),
})

/** The person or key with this id; null where the viewer may not see them. */
export const loadActor = (context: Context, id: string): Promise<ApiKeyRow | UserRow | null> =>
  (typeOfId(id) === 'User' ? User : ApiKey).loader(context).load(id)
