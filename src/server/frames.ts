import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** Sends a result, written as JSON; answers with a promise where the client is slow to read. */
export type SendNext = (result: Buffer) => Promise<void> | undefined

/**
 * How results are sent as the `next` messages of an operation. The frame is made here, in one piece, and written
 * to the connection itself: `ws` would write its head and its body apart, each with a callback. It has nothing of
 * its own waiting that this could pass: without compression it writes what it is given at once. The promise fails
 * where nobody will read.
 */
export function nextSender(socket: WebSocket, wire: Socket, id: string): SendNext {
  const start = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  return (result) => {
    if (socket.readyState !== socket.OPEN) return Promise.reject(new Error('The WebSocket is not open.'))
    wire.write(frameOf(start, result))
    return wire.writableLength === 0 ? undefined : written(wire)
  }
}

/** Resolves once all that was written is on its way; rejects where the connection closes before. */
const written = (wire: Socket) =>
  new Promise<void>((resolve, reject) => {
    wire.write('', (error) => (error ? reject(error) : resolve()))
  })

const TEXT = 0x81

/** A whole text message in one frame, not masked, as servers send them. */
function frameOf(start: Buffer, result: Buffer): Buffer {
  const length = start.length + result.length + 1
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = TEXT
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.set(start, head)
  frame.set(result, head + start.length)
  frame[head + length - 1] = 0x7d
  return frame
}
