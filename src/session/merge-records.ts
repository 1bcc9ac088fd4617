/**
 * Merges the texts of records: the data by merge.ts, the cookie and what is kept beside the data by what they
 * mean. Knows no store.
 */
import { keptField } from './kept.ts'
import { equal, type Json, type JsonObject, merge } from './merge.ts'
import { cookieOf, isObject, parseRecord } from './record.ts'
import type { SessionSettings } from './settings.ts'

export interface Texts {
  readonly base: string
  readonly mine: string
  readonly theirs: string
}

export interface MergedRecord {
  readonly text: string
  readonly value: JsonObject
  readonly conflicts: readonly string[]
}

/** Merges records; `undefined` when theirs belongs to another user, or is no record any more. */
export function mergeRecords(
  texts: Texts,
  { merge: rules, user }: Pick<SessionSettings, 'merge' | 'user'>,
): MergedRecord | undefined {
  const base = parseRecord(texts.base)
  const mine = parseRecord(texts.mine)
  const theirs = parseRecord(texts.theirs)
  if (!base || !mine || !theirs) return undefined
  if (user && !equal(base[user] ?? null, theirs[user] ?? null)) return undefined
  // Other writers may keep no cookie at all; that is no deletion.
  const stored = { ...theirs, cookie: theirs['cookie'] ?? base['cookie'] ?? {} }
  const sides = { base: timeless(base), mine: timeless(mine), theirs: timeless(stored) }
  const { value, conflicts } = merge(sides, rules)
  // Both sides renewed the expiry; mine is the later one.
  const { expires = null } = asObject(mine['cookie'])
  const cookie = cookieOf({ ...asObject(value['cookie']), expires }, {})
  value['cookie'] = JSON.parse(JSON.stringify(cookie)) as Json
  const shown = conflicts.filter((path) => !path.startsWith(keptField))
  return { text: JSON.stringify(keptLast(value)), value, conflicts: shown }
}

/** In the order of our own texts, so that an unchanged session is seen to be one. */
function keptLast({ [keptField]: kept, ...record }: JsonObject): JsonObject {
  return kept === undefined ? record : { ...record, [keptField]: kept }
}

function timeless(record: JsonObject): JsonObject {
  const { expires: _, ...cookie } = asObject(record['cookie'])
  return { ...record, cookie }
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
