import type { Answer, CallOptions, TestApp } from '../kit/app.ts'

/** The first result of a subscription, or what refused it, over server-sent events. */
export async function firstResult(
  app: TestApp,
  query: string,
  variables: object,
  { key, headers = {} }: CallOptions,
): Promise<Answer> {
  const response = await app.post(JSON.stringify({ query, variables }), {
    accept: 'text/event-stream, application/json',
    ...headers,
    ...(key && { authorization: `Bearer ${key}` }),
  })
  const { data = null, errors = [] } = await firstEvent(response)
  return { status: response.status, data, errors }
}

async function firstEvent(response: Response): Promise<Partial<Answer>> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return (await response.json()) as Partial<Answer>
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const chunk = await reader?.read()
    text += chunk?.value ?? ''
    const [, json] = /^data: (.+)$/m.exec(text) ?? []
    if (json !== undefined && text.includes('\n\n', text.indexOf(json))) {
      await reader?.cancel()
      return JSON.parse(json) as Partial<Answer>
    }
    if (!chunk || chunk.done) throw new Error(`The stream ended: ${text}`)
  }
}
