import {
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isInterfaceType,
  isObjectType,
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
    const unseen = selectionSet && unseenIn(selectionSet, getNamedType(info.returnType), info, eyes)
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
): string | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const isFielded = isObjectType(parent) || isInterfaceType(parent)
      const field = isFielded ? parent.getFields()[selection.name.value] : undefined
      if (!field) continue
      const type = getNamedType(field.type)
      // What was made is in the payload itself, or in a row’s; only what that refers to must be seen.
      const isMade = parent.name.endsWith('Payload')
      const described = isMade || eyes.seeReferences ? [field] : [field, type]
      if (described.flatMap(needsOf).some((permission) => !may(eyes.viewer, permission))) return field.name
      const inner = selection.selectionSet && unseenIn(selection.selectionSet, type, info, eyes)
      if (inner) return inner
    } else {
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection
      const condition = fragment?.typeCondition && info.schema.getType(fragment.typeCondition.name.value)
      const inner = fragment && unseenIn(fragment.selectionSet, condition ?? parent, info, eyes)
      if (inner) return inner
    }
  }
  return undefined
}

/** What the description of a field or a type says that it needs. */
const needsOf = ({ description }: { description?: string | null | undefined }): Permission[] =>
  permissions.filter((permission) => description?.includes(`\`${permission}\``))
