/**
 * Writes the text of a record field by field: what has not changed since it was written last is not written
 * again. The text is the very one that JSON gives.
 */
import { keptField } from './kept.ts'
import type { Json, JsonObject } from './merge.ts'

/** What a text says, without what was said beside it. */
export interface Fields {
  readonly cookie: Json
  /** Nothing in it that JSON drops or changes. */
  readonly data: JsonObject
  readonly kept: Json | undefined
}

/** A text of ours, and what it says; never to be changed. */
export interface Written {
  readonly text: string
  readonly record: JsonObject
  /** The record's data alone. */
  readonly data: JsonObject
  /** The text of each field, its name included. */
  readonly parts: ReadonlyMap<string, string>
}

/** @param last - an earlier text of the same session, of which what is the very same value is taken over */
export function writeFields(
  { cookie, data, kept }: Fields,
  last?: { readonly record: JsonObject; readonly parts?: Written['parts'] | undefined },
): Written {
  const record: JsonObject = { cookie, ...data }
  if (kept !== undefined) record[keptField] = kept
  const parts = new Map<string, string>()
  let text = ''
  for (const name in record) {
    const value = record[name]
    const known = value === last?.record[name] ? last?.parts?.get(name) : undefined
    const part = known ?? `${JSON.stringify(name)}:${JSON.stringify(value)}`
    parts.set(name, part)
    text = text === '' ? part : `${text},${part}`
  }
  return { text: `{${text}}`, record, data, parts }
}
