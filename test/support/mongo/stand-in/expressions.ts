/**
 * Aggregation expressions: the few that stores of sessions use. What is not known here fails loudly.
 */
import { bad, type Doc, Refusal } from './bson.ts'
import { compare, isDoc, numberOf, typeOf } from './order.ts'
import { valuesAt } from './paths.ts'

/** One document, and the time of the command it is met in. */
export interface Scope {
  readonly doc: Doc
  readonly now: Date
}

type Operator = (values: readonly unknown[]) => unknown

const comparing =
  (holds: (step: number) => boolean): Operator =>
  ([a, b]) =>
    holds(compare(a, b))
const isTrue = (value: unknown) =>
  value !== undefined && value !== null && value !== false && numberOf(value) !== 0

const operators: Readonly<Record<string, Operator>> = {
  $eq: comparing((step) => step === 0),
  $ne: comparing((step) => step !== 0),
  $gt: comparing((step) => step > 0),
  $gte: comparing((step) => step >= 0),
  $lt: comparing((step) => step < 0),
  $lte: comparing((step) => step <= 0),
  $and: (values) => values.every(isTrue),
  $or: (values) => values.some(isTrue),
  $not: ([value]) => !isTrue(value),
  $ifNull: (values) => values.find((value) => value !== null && value !== undefined),
  $type: ([value]) => nameOf(value),
  $add: (values) => calculate(values, (a, b) => a + b),
  $subtract: (values) => calculate(values, (a, b) => a - b),
  $mergeObjects: (values) => Object.assign({}, ...values),
}

/** What an expression gives for a document; `undefined` is a missing field. */
export function evaluate(expression: unknown, scope: Scope): unknown {
  if (typeof expression === 'string' && expression.startsWith('$')) return lookUp(expression, scope)
  if (Array.isArray(expression)) return expression.map((item) => evaluate(item, scope) ?? null)
  if (!isDoc(expression)) return expression
  const [name = '', ...others] = Object.keys(expression)
  if (!name.startsWith('$')) return evaluateFields(expression, scope)
  const operand = expression[name]
  if (others.length > 0) throw bad(`${name} must be alone in its expression`)
  if (name === '$literal') return operand
  if (name === '$cond') return choose(operand, scope)
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (!operator)
    throw new Refusal(168, 'InvalidPipelineOperator', `Unrecognized expression '${name}'`)
  return operator([operand].flat().map((item) => evaluate(item, scope)))
}

function lookUp(name: string, { doc, now }: Scope): unknown {
  if (name === '$$ROOT') return doc
  if (name === '$$NOW') return now
  if (name.startsWith('$$'))
    throw new Refusal(17_276, 'Location17276', `Use of undefined variable: ${name.slice(2)}`)
  return valuesAt(doc, name.slice(1).split('.')).next().value
}

/** Fields that are missing are left out. */
function evaluateFields(fields: Doc, scope: Scope): Doc {
  const entries = Object.entries(fields).map(([key, item]) => [key, evaluate(item, scope)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** `[if, then, else]`; the form with names is not known here. */
function choose(operand: unknown, scope: Scope): unknown {
  if (!Array.isArray(operand)) throw bad('stand-in: $cond takes a list')
  const [test, yes, no] = operand
  return evaluate(isTrue(evaluate(test, scope)) ? yes : no, scope)
}

function calculate(values: readonly unknown[], step: (a: number, b: number) => number): unknown {
  const numbers = values.map((value) => (value instanceof Date ? Number(value) : numberOf(value)))
  if (!numbers.every((value) => value !== undefined))
    throw bad('only numbers and dates can be added')
  const result = numbers.reduce(step)
  return values[0] instanceof Date ? new Date(result) : result
}

/** `$type` tells numbers apart, which the order of values does not. */
function nameOf(value: unknown): string {
  const type = typeOf(value)
  if (type !== 'number') return type
  return Number.isInteger(numberOf(value)) ? 'int' : 'double'
}
