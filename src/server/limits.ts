import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  NoFragmentCyclesRule,
  type ValidationContext,
} from 'graphql'
import { CEILING, evaluate, literalSize, valueSize } from './cost.ts'
import { DEEPEST_NESTING, type Measure, measuresOf } from './measure.ts'

/** How many tokens a document may have; the parser stops there. */
export const MAX_TOKENS = 4000

/** How many objects an operation may ask for: a hundred times a hundred, each with four below it. */
const MAX_COST = 50_000

/** How deep lists and objects may nest in a value; the inputs of the schema need 3. */
const MAX_VALUE_DEPTH = 20

type Counted = Exclude<keyof Measure, 'cost'>

// What the schema itself needs: 13 fields deep for the deepest lists and 15 for its introspection, which
// selects 100 fields; the largest result of a mutation, with everything in it, some 200. Merging as many fields
// of one name as are allowed takes the specified rules 30 ms, and twice as many four times as long.
const LIMITS: [Counted, max: number, says: (found: string) => string][] = [
  ['depth', 20, (found) => `nests ${found} fields deep`],
  ['fields', 500, (found) => `selects ${found} fields, fragments spread in`],
  ['rootFields', 20, (found) => `selects ${found} fields at its root`],
  ['aliases', 50, (found) => `has ${found} aliases, fragments spread in`],
  ['directives', 50, (found) => `has ${found} directives, fragments spread in`],
  ['directivesAtOnce', 5, (found) => `has ${found} directives at one place`],
]

/** Who guesses tokens makes a request for each, and meets its rate limit. */
const ONCE = ['acceptInvite', 'acceptGuestInvitation'] as const

/** What must hold before any other rule may look: what these refuse, others take seconds over. */
export const limitRules = [operationLimits, NoFragmentCyclesRule]

/** Refuses what is too large, whatever its variables are: operations, and fragments that none of them spreads. */
export function operationLimits(context: ValidationContext): ASTVisitor {
  let depth = 0
  let deepest = 0
  const value = {
    enter() {
      depth++
      deepest = Math.max(deepest, depth)
    },
    leave() {
      depth--
    },
  }
  return {
    ListValue: value,
    ObjectValue: value,
    ListType: value,
    Document: {
      leave(document) {
        if (deepest > MAX_VALUE_DEPTH) {
          context.reportError(tooLarge('document', `nests values ${written(deepest)} deep`, MAX_VALUE_DEPTH))
        }
        // One definition's faults say enough; of a fragment, they are often those of its operation.
        for (const [definition, measure] of measuresOf(context.getSchema(), document)) {
          const faults = faultsOf(definition, measure)
          for (const fault of faults) context.reportError(fault)
          if (faults.length > 0) return
        }
      },
    },
  }
}

/** How many objects the operation may ask for, with these variables. Its document is measured only once. */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): number {
  const operation = getOperationAST(document, operationName)
  // That there is no such operation is for the execution to tell.
  const cost = (operation && measuresOf(schema, document).get(operation)?.cost) ?? 0
  if (typeof cost === 'number') return cost
  return evaluate(cost, (name) => {
    const value = variables?.[name]
    if (value !== undefined) return valueSize(value)
    const definition = operation?.variableDefinitions?.find(({ variable }) => variable.name.value === name)
    return literalSize(definition?.defaultValue)
  })
}

/** The refusal of an operation that, with these variables, asks for too many objects. */
export function costFault(...operation: Parameters<typeof operationCost>): GraphQLError | undefined {
  const cost = operationCost(...operation)
  return cost > MAX_COST ? tooCostly('operation', cost) : undefined
}

function faultsOf(definition: ASTNode, measure: Measure): GraphQLError[] {
  const isFragment = definition.kind === Kind.FRAGMENT_DEFINITION
  const subject = isFragment ? 'fragment' : 'operation'
  if (measure.nesting > DEEPEST_NESTING) {
    // What is below has not been measured.
    const says = `nests selections over ${DEEPEST_NESTING} deep`
    return [tooLarge(subject, says, DEEPEST_NESTING, definition)]
  }
  const faults: GraphQLError[] = []
  for (const [counted, max, says] of LIMITS) {
    if (measure[counted] <= max || (isFragment && counted === 'rootFields')) continue
    faults.push(tooLarge(subject, says(written(measure[counted])), max, definition))
  }
  // The least that it can cost: what variables add is known when it is executed.
  const cost = evaluate(measure.cost, () => 0)
  if (cost > MAX_COST) faults.push(tooCostly(subject, cost, definition))
  for (const field of ONCE) {
    if (measure[field] <= 1) continue
    const message = `The ${subject} selects ${field} ${written(measure[field])} times; at most 1 is allowed.`
    faults.push(new GraphQLError(message, { nodes: definition, extensions: { code: 'TOO_MANY_ATTEMPTS' } }))
  }
  return faults
}

const tooCostly = (subject: string, cost: number, nodes?: ASTNode) =>
  tooLarge(subject, `may ask for ${written(cost)} objects`, MAX_COST, nodes)

const tooLarge = (subject: string, says: string, max: number, nodes?: ASTNode) =>
  new GraphQLError(`The ${subject} ${says}; at most ${written(max)} are allowed.`, {
    nodes,
    extensions: { code: 'OPERATION_TOO_LARGE' },
  })

const written = (count: number) => `${count < CEILING ? '' : 'over '}${count.toLocaleString('en')}`
