import { expect } from 'vitest'
import { startServer } from '../kit/server.ts'
import { createStamper } from '../kit/stamper.ts'
import { house } from '../kit/story.ts'
import { answerOf, CREATE_KEY } from './people.ts'

export type Answer = {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  data?: any
  errors?: { message: string; extensions: Record<string, unknown> }[]
}

/** A house, one who signs for it, and what they send. */
export async function signer() {
  const server = await startServer()
  const acme = await house(server)
  const stamper = createStamper()
  const registered = await answerOf(
    server,
    CREATE_KEY,
    {
      name: 'Signer',
      role: 'ORG_ADMIN',
      publicKey: stamper.publicKey,
      publicKeyStamp: await stamper.stamp(acme.id),
    },
    { key: acme.key },
  )
  const bodyOf = (query: string, variables: object = {}, age = 0) =>
    JSON.stringify({ query, variables, extensions: { timestampMs: String(Date.now() - age) } })
  const send = async (body: string, headers: Record<string, string>): Promise<Answer> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    return { status: response.status, ...((await response.json()) as object) }
  }
  const sign = async (body: string, headers: Record<string, string> = {}) =>
    send(body, { ...headers, ...(await stamper.headers(body)) })
  const code = async (answer: Promise<Answer>) => {
    const { data, errors } = await answer
    expect(data ?? null).toBeNull()
    return errors?.[0]?.extensions.code
  }
  return { server, acme, stamper, keyId: registered.apiKey.id as string, bodyOf, send, sign, code }
}
