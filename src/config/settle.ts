/**
 * Moves values written under another spelling (`session.name`, `explicitHost`) to the key they mean,
 * and collects what the schema wants logged about keys that are set. Works on merged layers.
 */
import type { Merged } from './layers.ts'
import { isPlain } from './layers.ts'
import { childOf, keysOf, metaOf, type Schema } from './shape.ts'

/** What was moved: the path a value has now → the path its author wrote. */
export interface Settled {
  readonly written: ReadonlyMap<string, string>
  readonly notes: readonly string[]
}

/** Settles all spellings in place. A value under the key itself counts before one under another spelling. */
export function settle(schema: Schema, merged: Merged): Settled {
  const written = new Map<string, string>()
  const notes: string[] = []
  visit(schema, merged.values, '')
  return { written, notes }

  function visit(at: Schema, values: Record<string, unknown>, prefix: string) {
    for (const key of keysOf(at)) {
      const value = values[key]
      if (value === undefined) continue
      const child = childOf(at, key)
      const { aliasOf, note } = metaOf(child)
      if (note !== undefined) notes.push(note)
      if (aliasOf !== undefined) move(values, prefix + key, prefix + aliasOf)
      else if (isPlain(value)) visit(child, value, `${prefix}${key}.`)
    }
  }

  function move(values: Record<string, unknown>, from: string, to: string) {
    const [fromKey, toKey] = [lastKey(from), lastKey(to)]
    const taken = values[toKey] !== undefined
    if (!taken) {
      values[toKey] = values[fromKey]
      written.set(to, from)
    }
    delete values[fromKey]
    for (const [path, source] of [...merged.sources]) {
      if (path !== from && !path.startsWith(`${from}.`)) continue
      merged.sources.delete(path)
      if (!taken) merged.sources.set(to + path.slice(from.length), source)
    }
  }
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}
