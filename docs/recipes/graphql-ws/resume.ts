interface Result {
  data?: object | null
}

interface Sink {
  next(result: Result): void
  error(reason: unknown): void
  complete(): void
}

interface Client {
  // biome-ignore lint/suspicious/noExplicitAny: each client has a type of its own for what it sends
  subscribe(operation: any, sink: any): () => void
}

/**
 * The same client, whose subscriptions continue where they were. A client that has lost its connection sends
 * the operation again, as it is then: with the cursor of the last event that came as `after`.
 */
export function resuming<C extends Client>(client: C): C {
  const subscribe = (operation: { variables?: object | null }, sink: Sink) => {
    const variables: Record<string, unknown> = { ...operation.variables }
    return client.subscribe(
      { ...operation, variables },
      {
        next(result: Result) {
          const [root] = Object.values(result.data ?? {})
          if (root?.cursor) variables.after = root.cursor
          sink.next(result)
        },
        error: (reason: unknown) => sink.error(reason),
        complete: () => sink.complete(),
      },
    )
  }
  return { ...client, subscribe }
}
