import { sql } from 'kysely'
import { z } from 'zod'
import { insertRow, prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { Integration, Invite, Organization, Portal } from '#db/tables.ts'
import { organizationsOf, type SignedIn, type Viewer } from './access.ts'
import { perform } from './activity.ts'
import { DURATION_HELP, parseDuration } from './durations.ts'
import { type InputIssue, NotFoundError } from './errors.ts'
import { newId } from './ids.ts'
import { idempotencyKey, idOf, name, refuseFaults, text } from './inputs.ts'
import { inviteById, inviteStatus, nextDue } from './invite.ts'
import { nameKey } from './names.ts'
import { hashSecret, newSecret } from './secrets.ts'
import type { Store, Tx } from './store.ts'
import { LAST_INSTANT } from './time.ts'

const MAX_PORTALS = 100
const MAX_LANGUAGES = 20
const MAX_USES = 1_000_000_000

const duration = z.string().refine((value) => parseDuration(value) !== undefined, { error: DURATION_HELP })
const unique = (values: readonly unknown[] | null | undefined) =>
  !values || new Set(values).size === values.length

export const createInviteInput = z
  .object({
    integrationId: idOf('Integration'),
    portalIds: z
      .array(idOf('Portal'))
      .min(1, 'portalIds must name at least one portal.')
      .max(MAX_PORTALS, `portalIds must name at most ${MAX_PORTALS} portals.`)
      .refine(unique, { error: 'portalIds must not name a portal twice.' }),
    name: name('The name').nullish(),
    expiresIn: duration.nullish(),
    startsIn: duration.nullish(),
    validFrom: z.number().nullish(),
    validTo: z.number().nullish(),
    maxUses: z
      .number()
      .min(1, 'maxUses must be 1 or more; leave it out for no limit.')
      .max(MAX_USES, `maxUses must be at most ${MAX_USES}.`)
      .nullish(),
    inviteeMessage: z
      .array(z.object({ locale: z.string(), text: text('The message', 2000) }))
      .max(MAX_LANGUAGES, `inviteeMessage must have at most ${MAX_LANGUAGES} languages.`)
      .refine((messages) => unique(messages.map((message) => message.locale)), {
        error: 'inviteeMessage must have each locale once.',
      })
      .nullish(),
    idempotencyKey,
  })
  .refine((input) => input.expiresIn == null || input.validTo == null, {
    path: ['expiresIn'],
    error: 'Pass expiresIn or validTo, not both.',
    when: () => true,
  })
  .refine((input) => input.startsIn == null || input.validFrom == null, {
    path: ['startsIn'],
    error: 'Pass startsIn or validFrom, not both.',
    when: () => true,
  })
export type CreateInviteInput = z.infer<typeof createInviteInput>

export interface CreatedInvite {
  invite: Invite
  /** The secret of the link; null where an earlier call made the invite. */
  token: string | null
  replayed: boolean
}

/** Makes a time-bound link that opens portals of one integration. */
export function createInvite(
  store: Store,
  viewer: Viewer,
  { idempotencyKey: key, ...input }: CreateInviteInput,
): Promise<CreatedInvite> {
  return perform<CreatedInvite>(
    store,
    viewer,
    'invite:create',
    {
      type: 'CREATE_INVITE',
      intent: input,
      idempotencyKey: key,
      replay: async (tx, id) => ({ invite: await inviteById(tx, id), token: null, replayed: true }),
    },
    async (tx, actor) => {
      const integration = await integrationFor(tx, actor, input.integrationId)
      const portalFaults = await portalIssues(tx, integration, input.portalIds)
      const window = windowOf(input, integration.default_validity, tx.now)
      refuseFaults([...portalFaults, ...window.issues])

      const token = newSecret('invite')
      const invite = await insertInvite(tx, actor, integration, input, window, token)
      for (const [position, portal_id] of input.portalIds.entries()) {
        await insertRow(tx.db, 'invite_portals', { invite_id: invite.id, position, portal_id })
      }
      tx.due(invite.due_at)
      tx.record({
        organizationId: invite.organization_id,
        invitationId: invite.id,
        type: 'CREATED',
        status: inviteStatus(invite, tx.now),
        previousStatus: null,
      })
      return { subjectId: invite.id, result: { invite, token, replayed: false } }
    },
  )
}

type IntegrationWithDefault = Pick<Integration, 'id' | 'organization_id'> &
  Pick<Organization, 'default_validity'>

async function integrationFor(tx: Tx, viewer: Viewer, id: string): Promise<IntegrationWithDefault> {
  const [integration] = await integrationIn(tx.db, {
    id,
    organizationIds: organizationsOf(viewer, 'invite:create'),
  })
  if (!integration) throw new NotFoundError('There is no such integration.')
  return integration
}

const integrationIn = prepared<{ id: string; organizationIds: readonly string[] }, IntegrationWithDefault>(
  (db, value) =>
    db
      .selectFrom('integrations')
      .innerJoin('organizations', 'organizations.id', 'integrations.organization_id')
      .select(['integrations.id', 'organization_id', 'default_validity'])
      .where('integrations.id', '=', value('id'))
      .where('organization_id', 'in', sql<string>`(select value from ${idRows(value('organizationIds'))})`),
)

/** What is wrong with the portals; throws where one is not there, or not the viewer's. */
async function portalIssues(
  tx: Tx,
  integration: IntegrationWithDefault,
  ids: string[],
): Promise<InputIssue[]> {
  const portals = await portalsIn(tx.db, { ids, organizationId: integration.organization_id })
  const integrationOf = new Map(portals.map((portal) => [portal.id, portal.integration_id]))
  const missing = ids.flatMap((id, index) => (integrationOf.has(id) ? [] : [`portalIds.${index}`]))
  if (missing.length > 0) throw new NotFoundError(`There is no such portal: ${missing.join(', ')}.`)
  return ids.flatMap((id, index) =>
    integrationOf.get(id) === integration.id
      ? []
      : [{ path: ['portalIds', String(index)], message: 'This portal belongs to another integration.' }],
  )
}

const portalsIn = prepared<
  { ids: readonly string[]; organizationId: string },
  Pick<Portal, 'id' | 'integration_id'>
>((db, value) =>
  db
    .selectFrom('portals')
    .select(['id', 'integration_id'])
    .where('id', 'in', sql<string>`(select value from ${idRows(value('ids'))})`)
    .where('organization_id', '=', value('organizationId')),
)

interface InviteWindow {
  validFrom: number
  validTo: number
  issues: InputIssue[]
}

/** From when to when it is open; durations count from the instant at which it opens. */
function windowOf(input: CreateInviteInput, defaultValidity: number, now: number): InviteWindow {
  const validFrom = input.validFrom ?? now + (input.startsIn ? (parseDuration(input.startsIn) ?? 0) : 0)
  const duration = (input.expiresIn ? parseDuration(input.expiresIn) : undefined) ?? defaultValidity
  const validTo = input.validTo ?? validFrom + duration
  const end = input.validTo != null ? 'validTo' : input.expiresIn != null ? 'expiresIn' : 'validFrom'
  const issues: InputIssue[] = []
  if (validTo <= now) issues.push({ path: [end], message: 'The invite must end in the future.' })
  else if (validTo <= validFrom) issues.push({ path: [end], message: 'The invite must end after it begins.' })
  if (validTo > LAST_INSTANT)
    issues.push({ path: [end], message: 'The invite must end before the year 10000.' })
  return { validFrom, validTo, issues }
}

function insertInvite(
  tx: Tx,
  viewer: SignedIn,
  integration: IntegrationWithDefault,
  input: CreateInviteInput,
  { validFrom, validTo }: InviteWindow,
  token: string,
): Promise<Invite> {
  return insertRow(tx.db, 'invites', {
    id: newId('Invite'),
    organization_id: integration.organization_id,
    integration_id: integration.id,
    name: input.name ?? null,
    name_key: input.name ? nameKey(input.name) : null,
    token_hash: hashSecret(token),
    valid_from: validFrom,
    valid_to: validTo,
    max_uses: input.maxUses ?? null,
    uses: 0,
    messages: JSON.stringify(input.inviteeMessage ?? []),
    created_by: viewer.actorId,
    created_at: tx.now,
    updated_at: tx.now,
    revoked_at: null,
    due_at: nextDue({ revoked_at: null, valid_from: validFrom, valid_to: validTo }, tx.now),
  })
}
