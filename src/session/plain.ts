/**
 * Plain values: whether a value still says what was read, and what it will say when it is read again, both
 * found without writing it as JSON. Where only its text can tell, neither is claimed.
 */
import type { Json, JsonObject } from './merge.ts'

/** Deeper than this only the text can tell; so it must of what holds itself. */
const deepest = 100

type Fields = Record<string, unknown>

/**
 * Whether a value would give the very text that what is known gives: the same keys in the same order, too.
 *
 * @param keys - room for the keys of what is being compared, from `top` on; a list for each object costs more
 */
export function isSame(
  value: unknown,
  known: Json | undefined,
  keys: string[] = [],
  top = 0,
): boolean {
  if (value === known) return true
  if (!isObjectOrList(value) || !isObjectOrList(known)) return false
  if (Array.isArray(known)) return isSameList(value, known, keys, top)
  return Object.getPrototypeOf(value) === Object.prototype && hasSameFields(value, known, keys, top)
}

/** As `isSame`, of the fields alone: whatever the object is, and but for one that stands aside. */
export function hasSameFields(
  value: object,
  known: JsonObject,
  keys: string[] = [],
  top = 0,
  aside?: string,
): boolean {
  const end = putKeys(known, keys, top)
  let at = top
  for (const key in value) {
    if (key === aside) continue
    if (at === end || keys[at++] !== key) return false
    const item: unknown = (value as Fields)[key]
    const before = known[key]
    if (item !== before && !isSame(item, before, keys, end)) return false
  }
  return at === end
}

function isSameList(value: object, known: readonly Json[], keys: string[], top: number): boolean {
  if (!Array.isArray(value) || value.length !== known.length) return false
  if (Object.getPrototypeOf(value) !== Array.prototype) return false
  for (let at = 0; at < known.length; at += 1) {
    const item: unknown = value[at]
    const before = known[at]
    if (item !== before && !isSame(item, before, keys, top)) return false
  }
  return true
}

/** By far the fastest way over an object of a known shape; what Object.prototype has counts on both sides. */
function putKeys(value: object, keys: string[], top: number): number {
  let end = top
  for (const key in value) keys[end++] = key
  return end
}

/**
 * What an object will say when it is read again: what is known itself where that is the same, `undefined`
 * where a field drops or changes something on the way, or has to be asked itself.
 */
export function plainFields(value: object, known: JsonObject | undefined): JsonObject | undefined {
  const plain = { ...value } as JsonObject
  const keys: string[] = []
  const end = known ? putKeys(known, keys, 0) : 0
  let at = 0
  let isKnown = known !== undefined
  for (const key in plain) {
    isKnown &&= at < end && keys[at++] === key
    const before = known && Object.hasOwn(known, key) ? known[key] : undefined
    const field =
      before !== undefined && isSame(plain[key], before, keys, end)
        ? before
        : plainOf(plain[key], 0)
    if (field === undefined || key === '__proto__') return undefined
    isKnown &&= field === before
    plain[key] = field
  }
  return isKnown && at === end ? known : plain
}

/** A copy of what a value will say when it is read again; `undefined` as of `plainFields`. */
export function plainOf(value: unknown, depth = 0): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined
  }
  if (typeof value !== 'object' || 'toJSON' in value || depth > deepest) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return plainObjectOf(value, depth + 1)
  return prototype === Array.prototype && Array.isArray(value)
    ? plainListOf(value, depth + 1)
    : undefined
}

function plainObjectOf(value: object, depth: number): JsonObject | undefined {
  const copy = { ...value } as JsonObject
  for (const key in copy) {
    const item = copy[key]
    if (typeof item === 'string') continue
    const plain = plainOf(item, depth)
    if (plain === undefined || key === '__proto__') return undefined
    if (plain !== item) copy[key] = plain
  }
  return copy
}

function plainListOf(value: readonly unknown[], depth: number): Json[] | undefined {
  const copy: Json[] = []
  for (let at = 0; at < value.length; at += 1) {
    const plain = plainOf(value[at], depth)
    if (plain === undefined) return undefined
    copy.push(plain)
  }
  return copy
}

function isObjectOrList(value: unknown): value is JsonObject | Json[] {
  return typeof value === 'object' && value !== null
}
