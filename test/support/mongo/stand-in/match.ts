/**
 * Query filters: whether a document matches.
 */
import { bad, type Doc } from './bson.ts'
import { evaluate, type Scope } from './expressions.ts'
import { compare, equal, isDoc, numberOf, typeOf } from './order.ts'
import { valuesAt } from './paths.ts'

/** Whether a document matches a filter. */
export function matches(filter: Doc, scope: Scope): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    const all = condition as readonly Doc[]
    if (name === '$and') return all.every((part) => matches(part, scope))
    if (name === '$or') return all.some((part) => matches(part, scope))
    if (name === '$nor') return !all.some((part) => matches(part, scope))
    if (name === '$expr') return Boolean(evaluate(condition, scope))
    if (name.startsWith('$')) throw bad(`unknown top level operator: ${name}`)
    return holds(condition, [...valuesAt(scope.doc, name.split('.'))])
  })
}

/** Whether a condition is made of operators. */
export function isOperators(condition: unknown): condition is Doc {
  return isDoc(condition) && Object.keys(condition).some((name) => name.startsWith('$'))
}

function holds(condition: unknown, values: readonly unknown[]): boolean {
  if (!isOperators(condition)) return test('$eq', condition, values)
  return Object.entries(condition).every(([name, operand]) => test(name, operand, values))
}

type Test = (operand: unknown, each: readonly unknown[], whole: readonly unknown[]) => boolean

/** Only values of one type are less or greater than each other. */
const ordered =
  (holdsFor: (step: number) => boolean): Test =>
  (operand, each) =>
    each.some((value) => typeOf(value) === typeOf(operand) && holdsFor(compare(value, operand)))

const tests: Readonly<Record<string, Test>> = {
  $eq: (operand, each) => each.some((value) => same(value, operand)),
  $ne: (operand, each) => !each.some((value) => same(value, operand)),
  $in: (operand, each) =>
    each.some((value) => (operand as unknown[]).some((one) => same(value, one))),
  $nin: (operand, each) =>
    !each.some((value) => (operand as unknown[]).some((one) => same(value, one))),
  $gt: ordered((step) => step > 0),
  $gte: ordered((step) => step >= 0),
  $lt: ordered((step) => step < 0),
  $lte: ordered((step) => step <= 0),
  $exists: (operand, _, whole) =>
    whole.some((value) => value !== undefined) === Boolean(numberOf(operand) ?? operand),
  $not: (operand, _, whole) => !holds(operand, whole),
  $type: (operand, each) => each.some((value) => [operand].flat().includes(typeOf(value))),
}

function test(name: string, operand: unknown, values: readonly unknown[]): boolean {
  const found = Object.hasOwn(tests, name) ? tests[name] : undefined
  if (!found) throw bad(`unknown operator: ${name}`)
  // An array matches as a whole and by each of its items.
  const each = values.flatMap((value) => (Array.isArray(value) ? [value, ...value] : [value]))
  return found(operand, each, values)
}

/** Asked for null, a missing field is as good. */
function same(value: unknown, operand: unknown): boolean {
  if (operand instanceof RegExp) return typeof value === 'string' && operand.test(value)
  return (
    equal(value === undefined ? null : value, operand) && (value !== undefined || operand === null)
  )
}
