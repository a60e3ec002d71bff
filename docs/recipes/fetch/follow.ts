const { LATCHKEY_URL = 'http://127.0.0.1:4000', LATCHKEY_KEY } = process.env

const send = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${LATCHKEY_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${LATCHKEY_KEY}`, ...headers },
    body: JSON.stringify(body),
  })

/** One query or mutation; throws what the server says against it. */
async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  const response = await send({ query, variables })
  const { data, errors } = (await response.json()) as { data: Data; errors?: Error[] }
  if (errors) throw new Error(errors.map(({ message }) => message).join(' '))
  return data
}

/** The results of a subscription, over as many connections as it takes: each resumes at the last id that came. */
async function* follow(query: string, lastEventId: string) {
  for (;;) {
    try {
      const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId }
      const response = await send({ query }, headers)
      // A 4xx comes again however often it is tried: a wrong key, a cursor that is too old.
      if (response.status >= 400 && response.status < 500) throw new Refused(await response.text())
      for await (const { event, id, data } of eventsOf(response)) {
        if (event === 'complete') return
        yield JSON.parse(data ?? '')
        lastEventId = id ?? lastEventId
      }
    } catch (error) {
      if (error instanceof Refused) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 500 * Math.random()))
  }
}

/** What a browser's EventSource would make of the stream; that one cannot POST, nor send a header. */
async function* eventsOf({ body }: Response) {
  let text = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      // A line that begins with a colon is a sign of life, and no more.
      const lines = block.split('\n').filter((line) => line && !line.startsWith(':'))
      if (lines.length > 0) yield Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/, 2)))
    }
  }
}

class Refused extends Error {}

const { organization } = await ask<{ organization: Organization }>(
  `{ organization { name eventCursor invites { totalCount } } }`,
)
console.log(`${organization.name} has ${organization.invites.totalCount} invites`)

const events = `subscription { invitationEvents { sequence type status } }`
for await (const { data, errors } of follow(events, organization.eventCursor)) {
  if (!data) throw new Error(JSON.stringify(errors))
  const { sequence, type, status } = data.invitationEvents
  console.log(`event ${sequence}: ${type}, ${status}`)
}

interface Organization {
  name: string
  eventCursor: string
  invites: { totalCount: number }
}
