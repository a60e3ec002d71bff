import type { InputFields } from './builder.ts'

/** Whether the mail with a link is sent. */
export const sendEmail = (t: InputFields) =>
  t.boolean({
    defaultValue: true,
    description: 'Whether to send the link by e-mail; it is in the answer in any case.',
  })

/** What becomes of the links before the one that is sent. */
export const revokeOldLinks = (t: InputFields) =>
  t.boolean({
    defaultValue: false,
    description:
      'Whether the links before this one end at once; else they work for 24 hours, or until it is accepted.',
  })
