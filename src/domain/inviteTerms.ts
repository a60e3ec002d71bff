import { sql } from 'kysely'
import { z } from 'zod'
import { insertRow, prepared } from '#db/prepared.ts'
import { idRows } from '#db/rows.ts'
import type { Portal } from '#db/tables.ts'
import { DURATION_HELP, parseDuration } from './durations.ts'
import { type InputIssue, NotFoundError } from './errors.ts'
import { idOf, name, text } from './inputs.ts'
import type { Tx } from './store.ts'
import { LAST_INSTANT } from './time.ts'

const MAX_PORTALS = 100
const MAX_LANGUAGES = 20
const MAX_USES = 1_000_000_000

const duration = z.string().refine((value) => parseDuration(value) !== undefined, { error: DURATION_HELP })
const unique = (values: readonly unknown[] | null | undefined) =>
  !values || new Set(values).size === values.length

/** What an invite opens. */
export const portalIds = z
  .array(idOf('Portal'))
  .min(1, 'portalIds must name at least one portal.')
  .max(MAX_PORTALS, `portalIds must name at most ${MAX_PORTALS} portals.`)
  .refine(unique, { error: 'portalIds must not name a portal twice.' })

/** What else an invite says, when it is made and when it is changed. */
export const terms = {
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
}

/** From when to when, as inputs say it. */
export interface WindowInput {
  expiresIn?: string | null | undefined
  startsIn?: string | null | undefined
  validFrom?: number | null | undefined
  validTo?: number | null | undefined
}

/** The schema, refusing an input that says an end of the window in two ways. */
export const sayingEndsOnce = <Input extends z.ZodType<WindowInput>>(schema: Input): Input =>
  schema
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

export interface InviteWindow<End = number> {
  validFrom: number
  validTo: End
  issues: InputIssue[]
}

/**
 * From when to when it is open; durations count from the instant at which it opens. `otherwise` says what
 * holds where the input says nothing.
 */
export function windowOf<End extends number | null>(
  input: WindowInput,
  otherwise: { validFrom: number; validTo: (validFrom: number) => End },
  now: number,
): InviteWindow<number | End> {
  const lasts = (text: string | null | undefined) => (text ? parseDuration(text) : undefined)
  const delay = lasts(input.startsIn)
  const length = lasts(input.expiresIn)
  const validFrom = input.validFrom ?? (delay === undefined ? otherwise.validFrom : now + delay)
  const validTo = input.validTo ?? (length === undefined ? otherwise.validTo(validFrom) : validFrom + length)
  const path = (['validTo', 'expiresIn', 'startsIn'] as const).find((end) => input[end] != null)
  const issues: InputIssue[] = []
  const refuse = (message: string) => issues.push({ path: [path ?? 'validFrom'], message })
  if (validTo !== null && validTo <= now) refuse('The invite must end in the future.')
  else if (validTo !== null && validTo <= validFrom) refuse('The invite must end after it begins.')
  if ((validTo ?? validFrom) > LAST_INSTANT) refuse('The invite must end before the year 10000.')
  return { validFrom, validTo, issues }
}

/** What is wrong with the portals; throws where one is not there, or not the viewer's. */
export async function portalIssues(
  tx: Tx,
  integration: { id: string; organization_id: string },
  ids: readonly string[],
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

/** Says what the invite opens, in this order. */
export async function insertPortals(tx: Tx, inviteId: string, ids: readonly string[]) {
  for (const [position, portal_id] of ids.entries()) {
    await insertRow(tx.db, 'invite_portals', { invite_id: inviteId, position, portal_id })
  }
}
