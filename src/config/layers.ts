/**
 * Lays layers of values over each other, low to high, and remembers where each value came from.
 * Never changes a layer.
 */

/** Values from one place. */
export interface Layer {
  /** What the place is called in messages: `config/session.ts`, `environment PORT`. */
  readonly source: string
  readonly values: Readonly<Record<string, unknown>>
}

/** All layers in one. */
export interface Merged {
  readonly values: Record<string, unknown>
  /** Dotted path of each leaf → where it came from. */
  readonly sources: Map<string, string>
}

/** True for objects whose keys are merged; arrays, functions and instances replace as a whole. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  // Some libraries' schemas are plain objects; merged, they would be others.
  if ('~standard' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Merges layers, the lowest first. A value of `undefined` leaves what is below. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const merged: Merged = { values: {}, sources: new Map() }
  for (const { source, values } of layers) lay(values, merged.values, { merged, source, path: '' })
  return merged
}

interface Place {
  readonly merged: Merged
  readonly source: string
  readonly path: string
}

function lay(from: Readonly<Record<string, unknown>>, into: Record<string, unknown>, place: Place) {
  for (const [key, value] of Object.entries(from)) {
    if (value === undefined || key === '__proto__') continue
    const path = place.path === '' ? key : `${place.path}.${key}`
    const below = Object.hasOwn(into, key) ? into[key] : undefined
    if (!isPlain(value)) {
      forget(place.merged.sources, path)
      into[key] = value
      place.merged.sources.set(path, place.source)
      continue
    }
    const target = isPlain(below) ? below : {}
    into[key] = target
    if (Object.keys(value).length > 0) place.merged.sources.delete(path)
    else if (target !== below) place.merged.sources.set(path, place.source)
    lay(value, target, { ...place, path })
  }
}

/** Drops a path and everything below it. */
function forget(sources: Map<string, string>, path: string) {
  for (const known of sources.keys()) {
    if (known === path || known.startsWith(`${path}.`)) sources.delete(known)
  }
}

/** Finds where the value at a path came from: itself, something inside it, or what holds it. */
export function sourceOf(sources: ReadonlyMap<string, string>, path: string): string | undefined {
  const own = sources.get(path)
  if (own !== undefined) return own
  for (const [known, source] of sources) if (known.startsWith(`${path}.`)) return source
  const parts = path.split('.')
  while (parts.length > 1) {
    parts.pop()
    const above = sources.get(parts.join('.'))
    if (above !== undefined) return above
  }
  return undefined
}

/** Gives the value at a path of keys, or `undefined`. */
export function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let value = values
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** Lists the leaves of a tree: everything that is no plain object with keys. */
export function leavesOf(
  values: Readonly<Record<string, unknown>>,
  prefix = '',
): [path: string, value: unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    const path = prefix + key
    if (value === undefined) return []
    const isBranch = isPlain(value) && Object.keys(value).length > 0
    return isBranch ? leavesOf(value, `${path}.`) : [[path, value]]
  })
}
