/**
 * Dotted paths into documents: reading as queries do, through arrays, and writing as updates do.
 */
import { type Doc, Refusal } from './bson.ts'
import { isDoc } from './order.ts'

/** All values a query finds at a path; `undefined` where there is none. */
export function* valuesAt(value: unknown, [key, ...rest]: readonly string[]): Generator<unknown> {
  if (key === undefined) {
    yield value
  } else if (Array.isArray(value)) {
    if (/^\d+$/.test(key) && Number(key) < value.length) yield* valuesAt(value[Number(key)], rest)
    for (const item of value) if (isDoc(item)) yield* valuesAt(item, [key, ...rest])
  } else if (isDoc(value) && Object.hasOwn(value, key)) {
    yield* valuesAt(value[key], rest)
  } else {
    yield undefined
  }
}

/** The one value at a path. */
export function getAt(doc: unknown, path: string): unknown {
  let value = doc
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Doc)[key]
  }
  return value
}

export function setAt(doc: Doc, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let parent: Doc = doc
  for (const key of keys) {
    parent[key] ??= {}
    const next = parent[key]
    if (!isDoc(next) && !Array.isArray(next)) {
      const words = `Cannot create field '${last}' in element {${key}: ${JSON.stringify(next)}}`
      throw new Refusal(28, 'PathNotViable', words)
    }
    parent = next as Doc
  }
  const property = { value, enumerable: true, writable: true, configurable: true }
  Object.defineProperty(parent, last, property)
}

export function removeAt(doc: Doc, path: string): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.length === 0 ? doc : getAt(doc, keys.join('.'))
  if (Array.isArray(parent)) parent[Number(last)] = null
  else if (isDoc(parent)) delete parent[last]
}
