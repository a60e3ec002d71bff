import { may } from '#domain/access.ts'
import { ConflictError, InvalidInputError, RateLimitedError } from '#domain/errors.ts'
import { createJoinLink, createJoinLinkInput, type JoinLinkWithToken } from '#domain/joinLinkCreation.ts'
import { builder } from './builder.ts'
import { IDEMPOTENCY_KEY, LINK_REPLAYED } from './idempotencyKey.ts'
import { JoinLink } from './joinLink.ts'
import { refuseUnseen } from './onceShown.ts'
import { Role } from './permission.ts'

const CreateJoinLinkInput = builder.inputType('CreateJoinLinkInput', {
  description: 'The join link to make.',
  fields: (t) => ({
    role: t.field({
      type: Role,
      required: true,
      description:
        'What those who join become: PORTAL_ADMIN, ORG_MEMBER, ORG_VIEWER or GUEST, and no role that may do what the viewer’s own may not.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; without end if left out.' }),
    maxUses: t.int({ description: 'How many may join: 1 to 1000; without limit if left out.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
  validate: { schema: createJoinLinkInput },
})

/** A payload that shows the secret of a link this once. */
export const joinLinkPayload = (name: string, description: string) =>
  builder.objectRef<JoinLinkWithToken>(name).implement({
    description,
    fields: (t) => ({
      joinLink: t.expose('joinLink', { type: JoinLink, description: 'As it is now.' }),
      token: t.exposeString('token', {
        nullable: true,
        description: 'The secret of the link. It is shown this once and stored only as a hash.',
      }),
      inviteUrl: t.field({
        type: 'URL',
        nullable: true,
        description: 'The link to hand around: `<base URL>/invite/<token>`. Shown this once.',
        resolve: ({ token }, _, { publicUrl }) => token && `${publicUrl}/invite/${token}`,
      }),
      replayed: t.exposeBoolean('replayed', { description: LINK_REPLAYED }),
    }),
  })

builder.mutationField('createJoinLink', (t) =>
  t.field({
    type: joinLinkPayload('CreateJoinLinkPayload', 'The join link that was made, with its secret.'),
    description:
      'Makes the link by which whoever has it becomes a member in this role; there is one for each role. Needs `joinLink:create`.',
    args: { input: t.arg({ type: CreateJoinLinkInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInputError, ConflictError, RateLimitedError] },
    resolve: (_, { input }, { store, viewer }, info) => {
      if (may(viewer, 'joinLink:create')) refuseUnseen(info, { viewer, seeReferences: false })
      return createJoinLink(store, viewer, input)
    },
  }),
)
