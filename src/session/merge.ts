/**
 * Three-way merge of sessions: what this request changed, applied onto what is stored now.
 * Pure, and on parsed JSON only, never on live objects. Knows nothing of stores or cookies.
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject
/** A JSON object. */
export interface JsonObject {
  [key: string]: Json
}

/** How a field merges when both sides changed it, by dotted path. */
export type MergeRule = 'counter' | 'union' | 'atomic'
export type MergeRules = Readonly<Record<string, MergeRule>>

/** The three texts' values: as loaded, as this request leaves it, as it is stored now. */
export interface Sides {
  readonly base: JsonObject
  readonly mine: JsonObject
  readonly theirs: JsonObject
}

export interface Merged {
  readonly value: JsonObject
  /** Dotted paths both sides changed differently; a deletion won there, else the later commit. */
  readonly conflicts: readonly string[]
}

/** A key that is not there; a value of its own, so that deletions are changes like others. */
const absent: unique symbol = Symbol('absent')
type Slot = Json | typeof absent
interface Slots {
  readonly base: Slot
  readonly mine: Slot
  readonly theirs: Slot
}

/** Applies the differences base → mine onto theirs. Keys keep the order they are stored in. */
export function merge(sides: Sides, rules: MergeRules = {}): Merged {
  const conflicts: string[] = []
  return { value: mergeObjects(sides, '', { rules, conflicts }), conflicts }
}

interface Context {
  readonly rules: MergeRules
  readonly conflicts: string[]
}

function mergeObjects({ base, mine, theirs }: Sides, path: string, context: Context): JsonObject {
  const merged: JsonObject = {}
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine), ...Object.keys(base)])) {
    const slots: Slots = { base: slot(base, key), mine: slot(mine, key), theirs: slot(theirs, key) }
    const value = mergeSlot(slots, path ? `${path}.${key}` : key, context)
    if (value !== absent) define(merged, key, value)
  }
  return merged
}

function mergeSlot(slots: Slots, path: string, context: Context): Slot {
  const { base, mine, theirs } = slots
  if (equal(mine, base)) return theirs
  if (equal(theirs, base)) return mine
  const rule = Object.hasOwn(context.rules, path) ? context.rules[path] : undefined
  // Rules come before equal changes are taken for one: both may have counted one up.
  const combined = combine(rule, slots)
  if (combined !== undefined) return combined
  const start = base === absent ? {} : base
  if (rule !== 'atomic' && isObject(start) && isObject(mine) && isObject(theirs)) {
    return mergeObjects({ base: start, mine, theirs }, path, context)
  }
  if (equal(mine, theirs)) return mine
  context.conflicts.push(path)
  // Else a logout could come back.
  return mine === absent || theirs === absent ? absent : mine
}

/** What a rule makes of two changes; `undefined` when there is none, or the values are not of its kind. */
function combine(
  rule: MergeRule | undefined,
  { base, mine, theirs }: Slots,
): number | Json[] | undefined {
  const start = base === absent || base === null ? undefined : base
  if (rule === 'counter') {
    const from = start ?? 0
    if (isNumber(from) && isNumber(mine) && isNumber(theirs)) return theirs + mine - from
  }
  if (rule === 'union') {
    const from = start ?? []
    if (Array.isArray(from) && Array.isArray(mine) && Array.isArray(theirs)) {
      return union(from, mine, theirs)
    }
  }
  return undefined
}

/** What either side added is there, what either removed is not. */
function union(base: Json[], mine: Json[], theirs: Json[]): Json[] {
  const [before, here, there] = [base, mine, theirs].map(
    (list) => new Set(list.map((item) => JSON.stringify(item))),
  ) as [Set<string>, Set<string>, Set<string>]
  const kept = [...there, ...here].filter(
    (item) => !before.has(item) || (here.has(item) && there.has(item)),
  )
  return [...new Set(kept)].map((item) => JSON.parse(item) as Json)
}

function isNumber(value: Slot): value is number {
  return typeof value === 'number'
}

function slot(object: JsonObject, key: string): Slot {
  return Object.hasOwn(object, key) ? (object[key] as Json) : absent
}

/** As an own property, whatever its name: `__proto__` is data here. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function isObject(value: Slot): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deep equality of JSON; the order of keys does not count. */
export function equal(a: Slot, b: Slot): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equal(item, b[index] ?? null))
    )
  }
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null))
  )
}
