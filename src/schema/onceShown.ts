import {
  type GraphQLField,
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

/**
 * Refuses a mutation that shows a secret once, where its answer also asks for what the viewer may not see:
 * that refusal would take the whole answer with it, and the secret would be lost after the deed is done.
 */
export function refuseUnseen(info: GraphQLResolveInfo, viewer: Viewer) {
  for (const { selectionSet } of info.fieldNodes) {
    const unseen = selectionSet && unseenIn(selectionSet, getNamedType(info.returnType), info, viewer)
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
  viewer: Viewer,
): string | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const field =
        isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[selection.name.value] : undefined
      if (!field) continue
      if (needsOf(field).some((permission) => !may(viewer, permission))) return field.name
      const inner =
        selection.selectionSet && unseenIn(selection.selectionSet, getNamedType(field.type), info, viewer)
      if (inner) return inner
    } else {
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection
      const condition = fragment?.typeCondition && info.schema.getType(fragment.typeCondition.name.value)
      const inner = fragment && unseenIn(fragment.selectionSet, condition ?? parent, info, viewer)
      if (inner) return inner
    }
  }
  return undefined
}

/** What a field's description says that it needs. */
const needsOf = ({ description }: GraphQLField<unknown, unknown>): Permission[] =>
  permissions.filter((permission) => description?.includes(`\`${permission}\``))
