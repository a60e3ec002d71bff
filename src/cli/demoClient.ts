/**
 * Sends one operation and answers with what stands at the path, which must be of the type: anything else
 * is thrown, with what the server says about it.
 */
export type Ask = <Answer>(path: string, type: string, query: string, variables?: object) => Promise<Answer>

export const caller =
  (url: string, headers: Record<string, string>): Ask =>
  async <Answer>(path: string, type: string, query: string, variables?: object) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string }[] }
    if (errors) throw new Error(errors.map((error) => error.message).join(' '))
    const answer = path.split('.').reduce<unknown>((value, name) => Object(value)[name], data)
    const { __typename, message } = Object(answer) as { __typename?: string; message?: string }
    if (__typename !== type) {
      throw new Error(
        `expected ${type} at ${path}, came ${__typename ?? 'nothing'}${message ? `: ${message}` : ''}`,
      )
    }
    return answer as Answer
  }
