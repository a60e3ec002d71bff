import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** How deep fields may nest: the deepest lists of the schema need 13, its introspection 15. */
const MAX_DEPTH = 20

/** How many tokens a document may have; the parser stops there, before it runs out of stack. */
export const MAX_TOKENS = 4000

/** Refuses documents that nest too deeply, each fragment measured once however often it is spread. */
export function depthLimit(context: ValidationContext): ASTVisitor {
  const depths = new Map<string, number>()

  const depthOf = (selections: SelectionSetNode | undefined): number => {
    let deepest = 0
    for (const selection of selections?.selections ?? []) {
      const depth =
        selection.kind === Kind.FIELD
          ? 1 + depthOf(selection.selectionSet)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? depthOf(selection.selectionSet)
            : fragmentDepth(context.getFragment(selection.name.value))
      deepest = Math.max(deepest, depth)
    }
    return deepest
  }

  const fragmentDepth = (fragment: FragmentDefinitionNode | null | undefined): number => {
    if (!fragment) return 0
    const name = fragment.name.value
    const known = depths.get(name)
    if (known !== undefined) return known
    // While it is being measured: a cycle is another rule's to report.
    depths.set(name, 0)
    const depth = depthOf(fragment.selectionSet)
    depths.set(name, depth)
    return depth
  }

  return {
    OperationDefinition(operation) {
      const depth = depthOf(operation.selectionSet)
      if (depth > MAX_DEPTH) {
        context.reportError(
          new GraphQLError(`The operation nests ${depth} fields deep; at most ${MAX_DEPTH} are allowed.`, {
            nodes: operation,
            extensions: { code: 'OPERATION_TOO_LARGE' },
          }),
        )
      }
    },
  }
}
