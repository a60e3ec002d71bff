import { z } from 'zod'
import { type InputIssue, InvalidInputError } from './errors.ts'
import { type IdType, prefixOf, typeOfId } from './ids.ts'

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
}

const words = (type: IdType) => type.replace(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase()

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

const clean = (what: string) => ({
  check: (text: string) => !CONTROL.test(text),
  error: `${what} must not contain control characters.`,
})

/** A name: 1 to 200 characters on one line, kept without the blanks around it. */
export const name = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} must not be blank.`)
    .max(200, `${what} must have at most 200 characters.`)
    .refine((text) => !/[\r\n\t]/.test(text) && clean(what).check(text), { error: clean(what).error })

/** A longer text, of several lines perhaps. */
export const text = (what: string, max: number) =>
  z
    .string()
    .trim()
    .min(1, `${what} must not be blank.`)
    .max(max, `${what} must have at most ${max} characters.`)
    .refine((value) => clean(what).check(value), { error: clean(what).error })

/** What a caller names a call by, so that it may be sent again. */
export const idempotencyKey = z
  .string()
  .min(1, 'idempotencyKey must not be empty.')
  .max(128, 'idempotencyKey must have at most 128 characters.')
  .nullish()

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
