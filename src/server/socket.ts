import type { Socket } from 'node:net'
import { MessageType, parseMessage, type WebSocket as Transport } from 'graphql-ws'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'

/** As the graphql-transport-ws protocol has them: clients do not try again. */
const BAD_REQUEST = 4400
export const UNAUTHORIZED = 4401
const INTERNAL_ERROR = 1011
/** These two make clients connect again. */
export const SERVICE_RESTART = 1012
export const TRY_AGAIN_LATER = 1013

/** Which graphql-ws takes for a failure of the server where they come from a client. */
const SERVERS_OWN = new Set([MessageType.ConnectionAck, MessageType.Next, MessageType.Error])

/** Of 123, with room for a character that is cut off. */
const MAX_REASON_BYTES = 120

/** Who does not answer a ping before the next one is gone. */
const PING_MS = 12_000

type Opened = (code?: number, reason?: string) => Promise<void>

/**
 * Carries the protocol over one socket. It waits for each result to be on its way before the next is made,
 * and does not read from a client that does not read: a client that stops costs no memory.
 */
export function carry(socket: WebSocket, wire: Socket, log: Logger, open: (transport: Transport) => Opened) {
  const isOpen = () => socket.readyState === socket.OPEN
  const stopPinging = keepAlive(socket)

  const closed = open({
    protocol: socket.protocol,
    // It fails on a socket that is no longer open, which ends whatever still wants to send.
    send: (data) =>
      new Promise((resolve, reject) => socket.send(data, (error) => (error ? reject(error) : resolve()))),
    close: (code, reason) => socket.close(code, brief(reason ?? '')),
    onMessage(handle) {
      let greeting: Promise<void> | undefined
      socket.on('message', async (data, isBinary) => {
        if (!isOpen()) return
        const message = isBinary ? undefined : messageIn(data)
        if (!message) return socket.close(BAD_REQUEST, 'Invalid message received')
        yieldToWriting(socket, wire)
        // It is taken parsed, too, whatever its type says.
        const handleIt = () => handle(message as never)
        try {
          // Clients such as wscat subscribe without waiting for the ack: it has its turn first.
          const handled = greeting ? greeting.then(handleIt) : handleIt()
          if (message.type === MessageType.ConnectionInit) greeting ??= handled
          await handled
        } catch (error) {
          if (!isOpen()) return
          log.warn({ err: error }, 'a message over WebSocket could not be handled')
          socket.close(INTERNAL_ERROR, 'Internal server error')
        }
      })
    },
  })

  socket.on('close', (code, reason) => {
    stopPinging()
    closed(code, String(reason)).catch((error) => log.error({ err: error }, 'a subscription did not end'))
  })
  // What a client did wrong, such as a frame that is too large; ws has closed the socket for it already.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'))
}

/** What fits into a close frame: what a client sent may stand in it. */
export const brief = (reason: string) => Buffer.from(reason).toString('utf8', 0, MAX_REASON_BYTES)

/** The message, if it is one that a client may send. */
function messageIn(data: RawData) {
  try {
    const message = parseMessage(String(data))
    return SERVERS_OWN.has(message.type) ? undefined : message
  } catch {
    return undefined
  }
}

function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, PING_MS)
  return () => clearInterval(timer)
}

function yieldToWriting(socket: WebSocket, wire: Socket) {
  if (!wire.writableNeedDrain || socket.isPaused) return
  socket.pause()
  wire.once('drain', () => socket.resume())
}
