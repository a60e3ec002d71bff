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

/** A field of an answer, and what its description says that it needs. */
interface Described {
  name: string
  needs: Permission[]
}

/** What answers are made of, by the selections that ask for it and whether what they refer to is seen by all. */
const answers = { all: new WeakMap<object, Described[]>(), own: new WeakMap<object, Described[]>() }

/**
 * Refuses a mutation that shows a secret once, where its answer also asks for what the viewer may not see:
 * that refusal would take the whole answer with it, and the secret would be lost after the deed is done.
 */
export function refuseUnseen(info: GraphQLResolveInfo, { viewer, seeReferences }: Eyes) {
  const known = answers[seeReferences ? 'all' : 'own']
  const fields = known.get(info.fieldNodes) ?? [...described(info, seeReferences)]
  known.set(info.fieldNodes, fields)
  const unseen = fields.find(({ needs }) => needs.some((permission) => !may(viewer, permission)))
  if (unseen) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `Nothing was done: ask for \`${unseen.name}\` afterwards, with a key that may see it.`,
    )
  }
}

function* described(info: GraphQLResolveInfo, seeReferences: boolean) {
  const type = getNamedType(info.returnType)
  for (const { selectionSet } of info.fieldNodes) {
    if (selectionSet) yield* describedIn(selectionSet, type, info, seeReferences)
  }
}

function* describedIn(
  { selections }: SelectionSetNode,
  parent: GraphQLNamedType,
  info: GraphQLResolveInfo,
  seeReferences: boolean,
): Generator<Described> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const isFielded = isObjectType(parent) || isInterfaceType(parent)
      const field = isFielded ? parent.getFields()[selection.name.value] : undefined
      if (!field) continue
      const type = getNamedType(field.type)
      // What was made is in the payload itself, or in a row’s; only what that refers to must be seen.
      const isMade = parent.name.endsWith('Payload')
      const needs = [field, ...(isMade || seeReferences ? [] : [type])].flatMap(needsOf)
      if (needs.length > 0) yield { name: field.name, needs }
      if (selection.selectionSet) yield* describedIn(selection.selectionSet, type, info, seeReferences)
    } else {
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection
      const condition = fragment?.typeCondition && info.schema.getType(fragment.typeCondition.name.value)
      if (fragment) yield* describedIn(fragment.selectionSet, condition ?? parent, info, seeReferences)
    }
  }
}

/** What the description of a field or a type says that it needs. */
const needsOf = ({ description }: { description?: string | null | undefined }): Permission[] =>
  permissions.filter((permission) => description?.includes(`\`${permission}\``))
