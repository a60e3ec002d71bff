import {
  type ConstValueNode,
  type FieldNode,
  type GraphQLField,
  getNamedType,
  getNullableType,
  isListType,
  Kind,
  type ValueNode,
} from 'graphql'
import { MAX_ROWS } from '#domain/inputs.ts'
import { defaultLimits } from '#domain/limits.ts'

/** Where counting stops: bombs reach numbers that no arithmetic holds. */
export const CEILING = 1e9

/** A mere list, of which nobody can say beforehand how long it is, counts as this many objects. */
const LIST_SIZE = 10

/** By the names that Relay reserves: what a page has around its items, which costs nothing of its own. */
const WRAPPER = /(?:Connection|Edge|PageInfo)$/

/** How many objects may be asked for: a number, or where variables have a say, how to come to one. */
export type Cost = number | VariableCost

interface VariableCost {
  fixed: number
  parts: { size: Size; cost: Cost }[]
}

/** How many items there are at most; `absent` if the variable has no value. */
type Size = number | { variable: string; absent: Size }

/** Adds without end. */
export const capped = (count: number) => Math.min(count, CEILING)

/** All of them together. */
export function plus(costs: readonly Cost[]): Cost {
  const sum: VariableCost = { fixed: 0, parts: [] }
  for (const cost of costs) {
    if (typeof cost === 'number') sum.fixed = capped(sum.fixed + cost)
    else sum.parts.push({ size: 1, cost })
  }
  return sum.parts.length > 0 ? sum : sum.fixed
}

/** What a field costs whose selections cost that much for each of its objects. */
export function costOfField(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown> | undefined,
  each: Cost,
): Cost {
  const wraps = definition && WRAPPER.test(getNamedType(definition.type).name)
  const cost = wraps ? each : plus([1, each])
  const size = sizeOf(field, definition)
  return typeof size === 'number' && typeof cost === 'number'
    ? capped(size * cost)
    : { fixed: 0, parts: [{ size, cost }] }
}

/** The cost with these values of variables. Each part is counted once, however often it is used. */
export function evaluate(cost: Cost, valueFor: (variable: string) => number | undefined): number {
  const known = new Map<VariableCost, number>()
  const count = (part: Cost): number => {
    if (typeof part === 'number') return part
    const counted = known.get(part)
    if (counted !== undefined) return counted
    const total = part.parts.reduce(
      (sum, { size, cost }) => capped(sum + resolve(size) * count(cost)),
      part.fixed,
    )
    known.set(part, total)
    return total
  }
  const resolve = (size: Size): number =>
    typeof size === 'number' ? size : (valueFor(size.variable) ?? resolve(size.absent))
  return count(cost)
}

/** The number that stands in a literal: itself, or how many items it lists. */
export function literalSize(value: ValueNode | ConstValueNode | undefined): number | undefined {
  if (value?.kind === Kind.INT) return capped(Math.max(0, Number(value.value)))
  return value?.kind === Kind.LIST ? value.values.length : undefined
}

/** The same of a variable's value. */
export function valueSize(value: unknown): number | undefined {
  if (typeof value === 'number') return capped(Math.max(0, value))
  return Array.isArray(value) ? value.length : undefined
}

function sizeOf(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): Size {
  const takes = (name: string) => definition?.args.some((argument) => argument.name === name) ?? false
  const given = (name: string, absent: Size): Size => {
    const value = field.arguments?.find((argument) => argument.name.value === name)?.value
    if (value?.kind === Kind.VARIABLE) return { variable: value.name.value, absent }
    return literalSize(value) ?? absent
  }
  if (takes('first') || takes('last')) return given('last', given('first', defaultLimits.defaultPageSize))
  if (takes('ids')) return given('ids', 1)
  // One for each row of a bulk call.
  if (definition?.name === 'results') return MAX_ROWS
  // The edges are as many as the page asked for has: they are counted there.
  const edges = definition && WRAPPER.test(getNamedType(definition.type).name)
  return definition && !edges && isListType(getNullableType(definition.type)) ? LIST_SIZE : 1
}
