import { z } from 'zod'
import { type InputIssue, InvalidInputError } from './errors.ts'
import { type IdType, prefixOf, typeOfId } from './ids.ts'
import { normalizeEmail } from './names.ts'

// The parts that inputs are made of. What needs the time or the database is checked by the rules themselves.

/** The id of one kind of thing. */
export const idOf = (type: IdType) =>
  z.string().refine((id) => typeOfId(id) === type, {
    error: `Expected the id of ${ARTICLES[type] ?? `a ${words(type)}`} (${prefixOf(type)}_…).`,
  })

const ARTICLES: Partial<Record<IdType, string>> = {
  Organization: 'an organization',
  Integration: 'an integration',
  Invite: 'an invite',
  ApiKey: 'an API key',
  OrganizationConnection: 'an organization connection',
}

const words = (type: IdType) => type.replace(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase()

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** Also refuses halves of surrogate pairs, which no database keeps as they are. */
const isClean = (text: string) => !CONTROL.test(text) && text.isWellFormed()
/** Marks that turn the direction of what follows: a name could pass for another. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u
const unclean = (what: string) => `${what} must not contain control characters.`
const LINE_BREAK = /[\t\r\n\u0085\u2028\u2029]/

/** A name: 1 to 200 characters on one line, kept without the blanks around it. */
export const name = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} must not be blank.`)
    .max(200, `${what} must have at most 200 characters.`)
    .refine((text) => isClean(text) && !LINE_BREAK.test(text) && !TURNING.test(text), {
      error: unclean(what),
    })
    .refine((text) => text === '' || VISIBLE.test(text), { error: `${what} must have something to see.` })

/** A longer text, of several lines perhaps. */
export const text = (what: string, max: number) =>
  z
    .string()
    .trim()
    .min(1, `${what} must not be blank.`)
    .max(max, `${what} must have at most ${max} characters.`)
    .refine(isClean, { error: unclean(what) })

/** What mail programs would read as more than one address, or as another: it stands in no part of ours. */
const ONE_ADDRESS = /^[^\s@,;:<>()[\]\\"]{1,64}@[\p{L}\p{M}\p{N}.\-\u3002\uff0e\uff61]{1,255}$/u
/** A domain as mail servers look it up; a number at its end would make it the address of a machine. */
const ASCII_DOMAIN = /@([a-z0-9-]+\.)*(?!\d+$)[a-z0-9-]+$/

/** What looks like an address, of one mailbox. */
export const emailAddress = z
  .email({ pattern: ONE_ADDRESS, error: 'Expected an e-mail address, as in ada@example.com.', abort: true })
  .refine((address) => ASCII_DOMAIN.test(normalizeEmail(address)), {
    error: 'The domain of the e-mail address must be one that there can be.',
  })
  .refine((address) => !/\p{Cc}/u.test(address), { error: unclean('The e-mail address') })

/** An address, of which the scalar has made sure that it looks like one. */
export const email = z
  .string()
  .min(3, 'The e-mail address must have at least 3 characters.')
  .max(100, 'The e-mail address must have at most 100 characters.')
  .refine(isClean, { error: unclean('The e-mail address') })

/** An address in a row of a bulk call, where no scalar has looked at it. */
export const emailText = z.string().trim().pipe(emailAddress).pipe(email)

/** What a caller names a call by, so that it may be sent again. */
export const idempotencyKey = z
  .string()
  .min(1, 'idempotencyKey must not be empty.')
  .max(128, 'idempotencyKey must have at most 128 characters.')
  .refine(isClean, { error: unclean('idempotencyKey') })
  .nullish()

/** The version that its caller has seen of what they change. */
export const expectedVersion = z.number().min(1, 'expectedVersion must be 1 or more.').nullish()

/** What an input says of a value that can be cleared; left out, it stays. */
export const orElse = <Value>(said: Value | null | undefined, current: Value | null) =>
  said === undefined ? current : said

/** How many rows a bulk call may have. */
export const MAX_ROWS = 100

/** The rows of a bulk call, each of which is checked by itself. */
export const bulkRows = (what: string) =>
  z
    .array(z.any())
    .min(1, `${what} must have at least one row.`)
    .max(MAX_ROWS, `${what} must have at most ${MAX_ROWS} rows.`)

/** A row of a bulk call; its faults are its own. */
export function parsedRow<Row>(schema: z.ZodType<Row>, row: unknown): Row {
  const { data, error } = schema.safeParse(row)
  if (error) throw invalidInput(error, '')
  return data as Row
}

/** Throws all the faults that rules have found, if any. */
export function refuseFaults(issues: InputIssue[]) {
  if (issues.length > 0) throw new InvalidInputError(issues)
}

/** A Zod error in the words of the domain. */
export const invalidInput = (error: z.ZodError, root: string) =>
  new InvalidInputError(
    error.issues.map((issue) => ({
      path: issue.path.filter((part, index) => index > 0 || part !== root).map(String),
      message: issue.message,
    })),
  )
