import type { Logger } from 'pino'
import type { Store } from '#domain/store.ts'
import { systemTime } from '#domain/time.ts'
import { Composer } from '#mail/composer.ts'
import type { Courier } from '#mail/courier.ts'
import { Templates, TemplatesError } from '#mail/templates.ts'
import type { Env } from '../env.ts'
import { CommandError } from './command.ts'

/** Who writes the mails; refuses templates with every fault of them. */
export function composerOf({ mailTemplates }: Env, publicUrl: string): Composer {
  try {
    return new Composer({ templates: new Templates(mailTemplates), publicUrl })
  } catch (error) {
    if (!(error instanceof TemplatesError)) throw error
    const faults = error.message.split('\n').map((fault) => `  ${fault}`)
    throw new CommandError(`MAIL_TEMPLATES must hold templates that can be used:\n${faults.join('\n')}`)
  }
}

/** Who carries them, once started; nobody without a mail server. */
export async function courierOf(
  { smtp }: Env,
  options: { store: Store; composer: Composer; log: Logger },
): Promise<Courier | undefined> {
  if (!smtp) return undefined
  const { Courier } = await import('#mail/courier.ts')
  const { createSmtp } = await import('#mail/smtp.ts')
  return new Courier({ ...options, time: systemTime, transport: createSmtp(smtp) })
}
