import { readFileSync } from 'node:fs'
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'

test('the schema is a compatible superset of the contract that frontends build on', () => {
  const contract = buildSchema(readFileSync('test/contract.graphql', 'utf8'))
  expect(findBreakingChanges(contract, schema)).toEqual([])
})

test('every type, field, argument and value is described', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  )
  const undescribed = types.flatMap((type) =>
    partsOf(type).flatMap(({ name, description }) => (description?.trim() ? [] : [`${type.name} ${name}`])),
  )
  expect(undescribed).toEqual([])
})

interface Part {
  name: string
  description?: string | null | undefined
}

function partsOf(type: GraphQLNamedType): Part[] {
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields())
    const args = fields.flatMap((field) =>
      field.args.map((arg) => ({ name: `${field.name}(${arg.name})`, description: arg.description })),
    )
    return [type, ...fields, ...args]
  }
  if (isInputObjectType(type)) return [type, ...Object.values(type.getFields())]
  return isEnumType(type) ? [type, ...type.getValues()] : [type]
}
