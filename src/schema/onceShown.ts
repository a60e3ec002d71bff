import {
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { may, type Permission, permissions, type Viewer } from '#domain/access.ts'
import { Refusal } from '#domain/errors.ts'

/** Whose eyes the answer is for. */
interface Eyes {
  viewer: Viewer
  /** Whether they see what the answer refers to even so: a token's holder is shown what it was given for. */
  seeReferences: boolean
}

/**
 * Refuses a mutation that shows a secret once, where its answer also asks for what the viewer may not see:
 * that refusal would take the whole answer with it, and the secret would be lost after the deed is done.
 */
export function refuseUnseen(info: GraphQLResolveInfo, eyes: Eyes) {
  for (const { selectionSet } of info.fieldNodes) {
    const unseen = selectionSet && unseenIn(selectionSet, getNamedType(info.returnType), info, eyes, 0)
    if (unseen) {
      throw new Refusal(
        'BAD_USER_INPUT',
        `Nothing was done: ask for \`${unseen}\` afterwards, with a key that may see it.`,
      )
    }
  }
}

function unseenIn(
  { selections }: SelectionSetNode,
  parent: GraphQLNamedType,
  info: GraphQLResolveInfo,
  eyes: Eyes,
  depth: number,
): string | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const isFielded = isObjectType(parent) || isInterfaceType(parent)
      const field = isFielded ? parent.getFields()[selection.name.value] : undefined
      if (!field) continue
      const type = getNamedType(field.type)
      // What was made is in the payload itself; only what that refers to must be seen.
      const described = depth > 0 && !eyes.seeReferences ? [field, type] : [field]
      if (described.flatMap(needsOf).some((permission) => !may(eyes.viewer, permission))) return field.name
      // The results of the rows of a bulk call lie no deeper than that of a single one.
      const below = isUnionType(type) ? depth : depth + 1
      const inner = selection.selectionSet && unseenIn(selection.selectionSet, type, info, eyes, below)
      if (inner) return inner
    } else {
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection
      const condition = fragment?.typeCondition && info.schema.getType(fragment.typeCondition.name.value)
      const inner = fragment && unseenIn(fragment.selectionSet, condition ?? parent, info, eyes, depth)
      if (inner) return inner
    }
  }
  return undefined
}

/** What the description of a field or a type says that it needs. */
const needsOf = ({ description }: { description?: string | null | undefined }): Permission[] =>
  permissions.filter((permission) => description?.includes(`\`${permission}\``))
