/**
 * MongoDB's order of all values: by type first, then within the type. Equality is a comparison too: numbers
 * of any type by value, objects by fields in their order.
 */
import { bad, type Doc } from './bson.ts'

/** Whether a value is a document: not an array, a date or another type of BSON. */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The kind of BSON value an object is, in the driver's words. */
function bsonType(value: unknown): string | undefined {
  const { _bsontype } = Object(value) as { _bsontype?: unknown }
  return typeof _bsontype === 'string' ? _bsontype : undefined
}

const numeric = new Set(['Long', 'Int32', 'Double'])

/** The number a value is, whatever its type; `undefined` when it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return numeric.has(bsonType(value) ?? '') ? Number(value) : undefined
}

/** Names of types as `$type` gives them, in their order. */
const types = [
  'missing',
  'null',
  'number',
  'string',
  'object',
  'array',
  'binData',
  'objectId',
  'bool',
  'date',
  'timestamp',
  'regex',
] as const
export type TypeName = (typeof types)[number]

/** A value's type; all numbers are one. */
export function typeOf(value: unknown): TypeName {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (numberOf(value) !== undefined) return 'number'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'date'
  if (value instanceof RegExp) return 'regex'
  if (isDoc(value)) return 'object'
  const type = bsonType(value)
  if (type === 'Binary') return 'binData'
  if (type === 'ObjectId') return 'objectId'
  if (type === 'Timestamp') return 'timestamp'
  throw bad(`stand-in: BSON type ${type ?? typeof value} is not supported`)
}

/** Below 0, 0 or above 0, as for `Array.sort`. */
export function compare(a: unknown, b: unknown): number {
  const type = typeOf(a)
  const step = types.indexOf(type) - types.indexOf(typeOf(b))
  if (step !== 0) return step
  if (type === 'missing' || type === 'null') return 0
  if (type === 'object') return compareDocs(a as Doc, b as Doc)
  if (type === 'array') return compareLists(a as unknown[], b as unknown[])
  if (type === 'string') return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
  if (type === 'binData' || type === 'objectId') return compareBytes(a, b)
  if (type === 'regex' || type === 'timestamp')
    return String(a) < String(b) ? -1 : Number(String(a) !== String(b))
  return compareNumbers(a, b)
}

export const equal = (a: unknown, b: unknown) => compare(a, b) === 0

function compareNumbers(a: unknown, b: unknown): number {
  // Past 2^53 a JavaScript number can't tell two longs apart.
  if (bsonType(a) === 'Long' && bsonType(b) === 'Long') {
    return Number(BigInt(String(a)) - BigInt(String(b)))
  }
  const [x, y] = [Number(a), Number(b)]
  return x < y ? -1 : Number(x > y)
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [n, item] of a.entries()) {
    if (n >= b.length) return 1
    const step = compare(item, b[n])
    if (step !== 0) return step
  }
  return a.length - b.length
}

/** Field by field: its value's type, its name, its value. */
function compareDocs(a: Doc, b: Doc): number {
  const [left, right] = [Object.entries(a), Object.entries(b)]
  for (const [n, [name, value]] of left.entries()) {
    const other = right[n]
    if (!other) return 1
    const step =
      types.indexOf(typeOf(value)) - types.indexOf(typeOf(other[1])) ||
      (name < other[0] ? -1 : Number(name > other[0])) ||
      compare(value, other[1])
    if (step !== 0) return step
  }
  return left.length - right.length
}

function compareBytes(a: unknown, b: unknown): number {
  const bytes = (value: unknown) => {
    const { id, buffer } = value as { id?: Uint8Array; buffer?: Uint8Array }
    return Buffer.from(id ?? buffer ?? [])
  }
  const [left, right] = [bytes(a), bytes(b)]
  return left.length - right.length || Buffer.compare(left, right)
}
