/**
 * Plain values: whether a value still says what was read, and what it will say when it is read again, both
 * found without writing it as JSON. Where only its text can tell, neither is claimed.
 */
import type { Json, JsonObject } from './merge.ts'

/** Whether a value would give the very text that what is known gives: the same keys in the same order, too. */
export function isSame(value: unknown, known: Json | undefined): boolean {
  if (value === known) return true
  if (!isObjectOrList(value) || !isObjectOrList(known)) return false
  if (Array.isArray(known)) return isSameList(value, known)
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  const keys: string[] = []
  // By far the fastest way over an object of a known shape; what Object.prototype has counts on both sides.
  for (const key in value) keys.push(key)
  let at = 0
  for (const key in known) {
    if (keys[at] !== key || !isSame(Reflect.get(value, key), known[key])) return false
    at += 1
  }
  return at === keys.length
}

function isSameList(value: object, known: readonly Json[]): boolean {
  if (!Array.isArray(value) || value.length !== known.length) return false
  if (Object.getPrototypeOf(value) !== Array.prototype) return false
  for (let at = 0; at < known.length; at += 1) if (!isSame(value[at], known[at])) return false
  return true
}

/**
 * A copy of what a value will say when it is read again; `undefined` where JSON drops or changes something,
 * or asks the value itself. Only for what JSON could write: what holds itself has no end.
 */
export function plainOf(value: unknown): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined
  }
  if (typeof value !== 'object' || 'toJSON' in value) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return plainObjectOf(value as JsonObject)
  return prototype === Array.prototype && Array.isArray(value) ? plainListOf(value) : undefined
}

function plainObjectOf(value: object): JsonObject | undefined {
  const copy = { ...value } as JsonObject
  for (const key in copy) {
    const item = copy[key]
    if (typeof item === 'string') continue
    const plain = plainOf(item)
    if (plain === undefined || key === '__proto__') return undefined
    if (plain !== item) copy[key] = plain
  }
  return copy
}

function plainListOf(value: readonly unknown[]): Json[] | undefined {
  const copy: Json[] = []
  for (let at = 0; at < value.length; at += 1) {
    const plain = plainOf(value[at])
    if (plain === undefined) return undefined
    copy.push(plain)
  }
  return copy
}

function isObjectOrList(value: unknown): value is JsonObject | Json[] {
  return typeof value === 'object' && value !== null
}
