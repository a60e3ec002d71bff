import DataLoader from 'dataloader'
import type { Context } from './context.ts'

/**
 * A loader that lives as long as one operation, or one event of a subscription: what is asked for while
 * the executor walks one level is fetched together.
 */
export function contextLoader<Key, Value, CacheKey = Key>(
  load: (keys: readonly Key[], context: Context) => Promise<readonly (Value | Error)[]>,
  cacheKeyFn?: (key: Key) => CacheKey,
) {
  const loaders = new WeakMap<Context, DataLoader<Key, Value, CacheKey>>()
  return (context: Context) => {
    let loader = loaders.get(context)
    if (!loader) {
      loader = new DataLoader((keys) => load(keys, context), cacheKeyFn ? { cacheKeyFn } : {})
      loaders.set(context, loader)
    }
    return loader
  }
}
