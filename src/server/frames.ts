import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/**
 * Sends a result, which is written as JSON already, as the `next` message of an operation. The frame is made
 * here, in one piece, and written to the connection itself: `ws` would write its head and its body apart, each
 * with a callback. It has nothing of its own waiting that this could pass: without compression it writes what it
 * is given at once. Answers with a promise only where the client is slow to read; it fails where nobody will.
 */
export function sendNext(
  { readyState, OPEN }: WebSocket,
  wire: Socket,
  id: string,
  result: Buffer,
): Promise<void> | undefined {
  if (readyState !== OPEN) return Promise.reject(new Error('The WebSocket is not open.'))
  wire.write(nextFrame(id, result))
  return wire.writableLength === 0 ? undefined : written(wire)
}

/** Resolves once all that was written is on its way; rejects where the connection closes before. */
const written = (wire: Socket) =>
  new Promise<void>((resolve, reject) => {
    wire.write('', (error) => (error ? reject(error) : resolve()))
  })

const TEXT = 0x81

/** A whole text message in one frame, not masked, as servers send them. */
function nextFrame(id: string, result: Buffer): Buffer {
  const start = `{"id":${JSON.stringify(id)},"type":"next","payload":`
  const length = Buffer.byteLength(start) + result.length + 1
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
  const at = head + frame.write(start, head)
  result.copy(frame, at)
  frame[at + result.length] = 0x7d
  return frame
}
