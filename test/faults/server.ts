// A server that is there to be killed: in a time that goes fast, so that leases and retries end soon.
import { pino } from 'pino'
import { openDatabase } from '#db/client.ts'
import { Composer } from '#mail/composer.ts'
import { Courier } from '#mail/courier.ts'
import { createSmtp } from '#mail/smtp.ts'
import { Templates } from '#mail/templates.ts'
import { createApp } from '#server/app.ts'
import { listen } from '#server/listen.ts'
import { fastTime } from './fastTime.ts'

const [file = '', port = '', mailPort = '', start = '', rate = ''] = process.argv.slice(2)
const time = fastTime(Number(start), Number(rate))
const log = pino({ level: 'error' })
const publicUrl = `http://127.0.0.1:${port}`
const without = 1e9
const app = createApp({
  database: openDatabase(`file:${file}`),
  log,
  publicUrl,
  openSchema: false,
  time,
  limits: {
    ...{ mutationsPerMinute: without, openInvitations: without },
    ...{ mailsPerInviterAnHour: without, mailsPerOrganizationADay: without },
  },
})
await listen(app, { host: '127.0.0.1', port: Number(port), log })
const transport = createSmtp({
  url: new URL(`smtp://127.0.0.1:${mailPort}`),
  from: { name: '', address: 'no-reply@latchkey.test' },
  isLocal: true,
  requireTls: false,
})
const composer = new Composer({ templates: new Templates(), publicUrl })
new Courier({ store: app.store, time, composer, transport, log }).start()
process.stdout.write('ready\n')
