import { registerHooks } from 'node:module'

const tag = /graphql`\s*(?:query|mutation|subscription|fragment)\s+(\w+)[^`]*`/g

// What an app's build does (babel-plugin-relay, or its like for swc and vite): each tag becomes what the
// compiler has made of it.
registerHooks({
  resolve: (name, context, next) => next(name.endsWith('.graphql') ? `${name}.ts` : name, context),
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith('/relay/invites.ts')) return loaded
    const source = String(loaded.source).replace(
      tag,
      (_, name) => `(await import('./__generated__/${name}.graphql.ts')).default`,
    )
    return { ...loaded, source }
  },
})
