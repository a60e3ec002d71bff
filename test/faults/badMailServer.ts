import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

interface Arrival {
  recipient: string
  messageId: string
  token: string
}

const later = () => Object.assign(new Error('Try again later'), { responseCode: 451 })

/**
 * A mail server at which so many deliveries of a hundred fail: refused at the recipient, refused at the
 * mail, or taken and the connection cut before that is said, each as often.
 */
export async function badMailServer(failuresOfHundred: number) {
  const arrivals: Arrival[] = []
  const failed = { 'refused at the recipient': 0, 'refused at the mail': 0, 'taken and cut off': 0 }
  const kinds = Object.keys(failed) as (keyof typeof failed)[]
  const fates = new Map<string, keyof typeof failed | undefined>()
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_, { id }, done) {
      const fails = Math.random() * 100 < failuresOfHundred
      const fate = fails ? kinds[Math.floor(Math.random() * kinds.length)] : undefined
      fates.set(id, fate)
      if (fate) failed[fate]++
      done(fate === 'refused at the recipient' ? later() : null)
    },
    async onData(stream, { id, envelope }, done) {
      // A client that was killed has not sent it all.
      const chunks: Buffer[] | undefined = await stream.toArray().catch(() => undefined)
      if (!chunks) return
      const fate = fates.get(id)
      if (fate === 'refused at the mail') return done(later())
      const { messageId = '', text = '' } = await PostalMime.parse(Buffer.concat(chunks))
      const token = /\/invite\/(lk_guest_[\w-]{43})/.exec(text)?.[1]
      if (token) arrivals.push({ recipient: envelope.rcptTo[0]?.address ?? '', messageId, token })
      if (fate !== 'taken and cut off') return done()
      for (const connection of server.connections)
        if (connection.session.id === id) connection._socket.destroy()
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  return { arrivals, failed, port, close }
}
