/**
 * Known texts: of each session the text that was read or stored last, and what it says. The same text comes
 * again and again, and copying what was parsed before takes a sixth of the time that parsing does. Each
 * reader gets a copy of its own.
 */
import { keptField } from './kept.ts'
import type { Json, JsonObject } from './merge.ts'
import { parseRecord } from './record.ts'
import type { Written } from './written.ts'

/** A text, and what it says. Nobody is handed what stands here, so it stays as it is. */
export interface Known {
  readonly text: string
  readonly record: JsonObject
  /** The record's data alone. */
  readonly data: JsonObject
  /** We wrote it: read and written again unchanged it is the very same text, which others' may not be. */
  readonly isOwn: boolean
  /** Where we wrote it field by field. */
  readonly parts?: Written['parts']
}

export interface KnownTexts {
  /** What a text says that was read under an id; `undefined` when it is no JSON object. */
  read(id: string, text: string): Known | undefined
  /**
   * Remembers a text as we have just stored it.
   *
   * @param written - the same, where it was written field by field
   */
  wrote(id: string, text: string, written: Written | undefined): Known | undefined
}

/** Characters of texts remembered at most, some thousand sessions; forgetting one costs a parse. */
const mostRemembered = 2 * 2 ** 20

export function createKnownTexts(): KnownTexts {
  const texts = new Map<string, Known>()
  let characters = 0

  function remember(id: string, known: Known): Known {
    characters += sizeOf(known) - sizeOf(texts.get(id))
    if (characters > mostRemembered) {
      texts.clear()
      characters = sizeOf(known)
    }
    texts.set(id, known)
    return known
  }

  return {
    read(id, text) {
      const known = texts.get(id)
      if (known?.text === text) return known
      const record = parseRecord(text)
      return record && remember(id, knownAs(text, record, false))
    },
    wrote(id, text, written) {
      if (written) return remember(id, { ...written, isOwn: true })
      const record = parseRecord(text)
      return record && remember(id, knownAs(text, record, true))
    },
  }
}

/** In characters. */
function sizeOf(known: Known | undefined): number {
  return known === undefined ? 0 : known.text.length * (known.parts ? 2 : 1)
}

function knownAs(text: string, record: JsonObject, isOwn: boolean): Known {
  const { cookie: _, [keptField]: _kept, ...data } = record
  return { text, record, data, isOwn }
}

/** A copy to be changed at will. */
export function copyOf(record: JsonObject): JsonObject {
  // A spread takes the shape over as it is; only what holds more has to be looked at.
  const copy = { ...record }
  for (const key in copy) {
    const item = copy[key]
    if (typeof item !== 'object' || item === null) continue
    const own = Array.isArray(item) ? copyOfList(item) : copyOf(item)
    if (key === '__proto__') define(copy, key, own)
    else copy[key] = own
  }
  return copy
}

function copyOfList(list: readonly Json[]): Json[] {
  const copy = list.slice()
  for (let at = 0; at < copy.length; at += 1) {
    const item = copy[at]
    if (typeof item !== 'object' || item === null) continue
    copy[at] = Array.isArray(item) ? copyOfList(item) : copyOf(item)
  }
  return copy
}

/** Assigning to that name would not make a field of it. */
function define(record: object, key: string, value: Json): void {
  Object.defineProperty(record, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}
