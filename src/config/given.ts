/**
 * Values given from outside the app's folder: environment variables and the command line.
 * Both are mostly text; the schema decides which texts mean a number, a boolean or a list.
 */
import type { Layer } from './layers.ts'
import { isPlain } from './layers.ts'
import { accepts, childOf, keysOf, type Schema } from './shape.ts'

/** One value from outside, not yet understood. */
export interface Given {
  readonly source: string
  readonly path: readonly string[]
  readonly value: unknown
}

/** Reads `NODE_ENV`, `PORT`, `sails_session__ttl` and `CATAMARAN_SESSION__TTL`, in this order. */
export function variablesOf(environment: NodeJS.ProcessEnv): Given[] {
  const plain = [
    { name: 'NODE_ENV', path: ['environment'] },
    { name: 'PORT', path: ['port'] },
  ]
  const known = plain.flatMap(({ name, path }) =>
    environment[name] ? [{ source: `environment ${name}`, path, value: environment[name] }] : [],
  )
  return [...known, ...prefixed(environment, 'sails_'), ...prefixed(environment, 'catamaran_')]
}

function prefixed(environment: NodeJS.ProcessEnv, prefix: string): Given[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.toLowerCase().startsWith(prefix) || value === undefined) return []
    const path = name.slice(prefix.length).split('__')
    return path.every(Boolean) ? [{ source: `environment ${name}`, path, value }] : []
  })
}

/** Reads command line options: nested objects, dotted keys, or both. */
export function optionsOf(options: Readonly<Record<string, unknown>>): Given[] {
  return leaves(options, []).map(({ path, value }) => ({
    source: `command line --${path.join('.')}`,
    path,
    value,
  }))
}

function leaves(
  values: Readonly<Record<string, unknown>>,
  above: readonly string[],
): Omit<Given, 'source'>[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, ...key.split('.')]
    if (value === undefined) return []
    return isPlain(value) ? leaves(value, path) : [{ path, value }]
  })
}

/** Makes a layer of a given value: finds the keys that are meant, whatever their case, and reads the text. */
export function layerOf(given: Given, schema: Schema, below: unknown): Layer {
  const path: string[] = []
  let [at, values] = [schema, below]
  for (const word of given.path) {
    const key = meantKey(word, [...keysOf(at), ...(isPlain(values) ? Object.keys(values) : [])])
    path.push(key)
    at = childOf(at, key)
    values = isPlain(values) ? values[key] : undefined
  }
  const value = typeof given.value === 'string' ? readText(given.value, at) : given.value
  return { source: given.source, values: nest(path, value) }
}

/** Unknown words in capitals are taken for small letters, as environment variables are. */
function meantKey(word: string, keys: readonly string[]): string {
  if (keys.includes(word)) return word
  const same = keys.find((key) => key.toLowerCase() === word.toLowerCase())
  return same ?? (word === word.toUpperCase() ? word.toLowerCase() : word)
}

/** Reads text as JSON where the schema takes what comes out; else it stays text where text is taken. */
function readText(text: string, schema: Schema): unknown {
  const parsed = parse(text)
  if (parsed === undefined) return text
  return accepts(schema, parsed.value) || !accepts(schema, text) ? parsed.value : text
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function nest(path: readonly string[], value: unknown): Record<string, unknown> {
  const [key = '', ...rest] = path
  return { [key]: rest.length === 0 ? value : nest(rest, value) }
}
