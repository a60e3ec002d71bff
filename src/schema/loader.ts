import DataLoader from 'dataloader'
import type { Context } from './context.ts'

/**
 * What the operation loads with, made when it is first asked for. Kept in the context, not in a WeakMap: V8's
 * collector of young objects takes what hangs on one for alive, and would copy all that has been loaded, twice.
 */
export function kept<Loader>({ loaders }: Context, key: unknown, make: () => Loader): Loader {
  const known = loaders.get(key) as Loader | undefined
  if (known) return known
  const made = make()
  loaders.set(key, made)
  return made
}

/**
 * A loader that lives as long as one operation, or one event of a subscription: what is asked for while
 * the executor walks one level is fetched together.
 */
export const contextLoader =
  <Key, Value, CacheKey = Key>(
    load: (keys: readonly Key[], context: Context) => Promise<readonly (Value | Error)[]>,
    cacheKeyFn?: (key: Key) => CacheKey,
  ) =>
  (context: Context) =>
    kept(
      context,
      load,
      () => new DataLoader<Key, Value, CacheKey>((keys) => load(keys, context), cacheKeyFn && { cacheKeyFn }),
    )
