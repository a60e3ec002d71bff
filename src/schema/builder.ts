import SchemaBuilder, { type SchemaTypes } from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ZodPlugin, { PothosZodPlugin } from '@pothos/plugin-zod'
import { requireSignIn } from '#domain/access.ts'
import { Refusal } from '#domain/errors.ts'
import { typeOfId } from '#domain/ids.ts'
import { invalidInput } from '#domain/inputs.ts'
import type { Context } from './context.ts'

interface Types {
  Context: Context
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: number; Output: number }
    EmailAddress: { Input: string; Output: string }
    Locale: { Input: string; Output: string }
    URL: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
  }
  Connection: { totalCount: () => Promise<number> }
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/**
 * The plugin makes promises of every field that takes an input object, also where it has nothing to check: for
 * lists that can be filtered, more than their own work. Only what mutations are given has rules.
 */
class InputRules extends PothosZodPlugin<SchemaTypes> {
  override wrapResolve(...[resolver, field]: Parameters<PothosZodPlugin<SchemaTypes>['wrapResolve']>) {
    return field.parentType === 'Mutation' ? super.wrapResolve(resolver, field) : resolver
  }
}
SchemaBuilder.allowPluginReRegistration = true
SchemaBuilder.registerPlugin(ZodPlugin, InputRules)

export const builder = new SchemaBuilder<Types>({
  plugins: [ErrorsPlugin, ZodPlugin, RelayPlugin],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${capitalized(fieldName)}Result`,
      description: 'What was done, or why it was not.',
    },
  },
  zod: {
    // The argument of every mutation is named `input`: paths begin below it.
    validationError: (error) => invalidInput(error, 'input'),
  },
  relay: {
    cursorType: 'String',
    edgesFieldOptions: { nullable: false, description: 'The items of this page, each with its cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The item.' },
    cursorFieldOptions: { description: 'Where the item stands: pass it as `after` or `before`.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and from where.' },
    idFieldOptions: { description: 'Typed and readable, as in `invite_01jd…`; unique over all types.' },
    nodeTypeOptions: {
      description: 'Whatever has an id and can be fetched again by it.',
      resolveType: (row) => typeOfId((row as { id: string }).id) ?? null,
    },
    nodeQueryOptions: {
      description: 'Whatever has this id; null where there is no such thing or the viewer may not see it.',
      args: { id: { description: 'The id of anything.' } },
      resolve: (_, { id }, { viewer }, __, resolveNode) => {
        requireSignIn(viewer)
        return resolveNode(id)
      },
    },
    nodesQueryOptions: {
      description: 'The same for several ids, in their order.',
      args: { ids: { description: 'At most as many as a page may hold.' } },
      resolve: (_, { ids }, context, __, resolveNodes) => {
        requireSignIn(context.viewer)
        const { pageSize } = context.store.limits
        if (ids.length > pageSize) throw new Refusal('BAD_USER_INPUT', `Pass at most ${pageSize} ids.`)
        return resolveNodes(ids)
      },
    },
    firstArgOptions: {
      description: 'How many items from the start; at most 100, and 20 if neither is given.',
    },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    lastArgOptions: { description: 'How many items from the end; at most 100. Excludes `first`.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    hasNextPageFieldOptions: { description: 'Whether the list goes on after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether the list has items before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first item; null on an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last item; null on an empty page.' },
    // Our ids name their type themselves: they are the global ids.
    encodeGlobalID: (_, id) => String(id),
    decodeGlobalID: (id) => {
      const typename = typeOfId(id)
      if (!typename) throw new Refusal('BAD_USER_INPUT', 'This is not an id of anything here.')
      return { typename, id }
    },
  },
})

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many items the list has, whatever the page.',
    resolve: (connection) => connection.totalCount(),
  }),
)

builder.queryType({
  description: 'What can be read. Lists and lookups are confined to what the viewer may see.',
})
builder.mutationType({
  description: 'What can be done. Each mutation answers with a union: done, or why not.',
})
builder.subscriptionType({ description: 'What can be followed live, over WebSocket or SSE, and resumed.' })

/** What the fields of an input type are made with. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<typeof builder.$inferSchemaTypes, 'InputObject'>
