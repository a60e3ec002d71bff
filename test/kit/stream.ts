import { onTestFinished } from 'vitest'
import type { Address, Deliveries, Delivery, Operation } from './subscriber.ts'

/** A stream of server-sent events, field by field as it came. */
export async function openStream(
  { url }: Address,
  operation: Operation,
  { key, headers = {} }: { key?: string | undefined; headers?: Record<string, string> } = {},
) {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    signal: leaving.signal,
    body: JSON.stringify(operation),
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(key && { authorization: `Bearer ${key}` }),
      ...headers,
    },
  })
  return { response, leave: () => leaving.abort(), events: readEvents(response) }
}

export type StreamEvent = Partial<Record<'id' | 'event' | 'data', string>>

async function* readEvents(response: Response): AsyncGenerator<StreamEvent, void> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = block.split('\n').filter((line) => !line.startsWith(':'))
      if (fields.length === 0) continue
      yield Object.fromEntries(fields.map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? ['event', line]))
    }
  }
}

/** Subscribes over SSE; what happens after it has resolved is delivered. */
export async function overStream(
  ...args: Parameters<typeof openStream>
): Promise<Deliveries & { leave: () => void }> {
  const { response, events, leave } = await openStream(...args)
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const deliveries = (async function* () {
    for await (const { event, id, data } of events) {
      if (event === 'complete') return undefined
      yield { ...JSON.parse(data ?? ''), ...(id && { id }) } as Delivery
    }
    throw new Error('The stream was cut')
  })()
  return Object.assign(deliveries, { leave })
}
