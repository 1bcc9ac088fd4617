/**
 * Records: the text of a session as stores keep it, and back. The form is express-session's: the data
 * with the cookie's attributes under `cookie`. Knows no store.
 */
import connect, { type Cookie } from 'express-session'
import { CatamaranError } from '../errors.ts'
import { equal, type Json, type JsonObject, type MergeRules, merge } from './merge.ts'
import { refuseUnstorable } from './values.ts'

/** Gives the record's value; `undefined` when the text is no JSON object. */
export function parseRecord(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Brings a record's cookie back to life; `defaults` serve records that have none. */
export function cookieOf(stored: Json | undefined, defaults: object): Cookie {
  if (!isObject(stored)) return new connect.Cookie(defaults)
  const cookie = new connect.Cookie(stored)
  if (typeof stored['expires'] === 'string') cookie.expires = new Date(stored['expires'])
  // The setter above took what is left of the life; what was set is what counts.
  cookie.originalMaxAge = stored['originalMaxAge'] as number | null
  return cookie
}

/**
 * The text of a session.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE` when JSON can't hold a value
 */
export function textOf(session: object): string {
  try {
    return JSON.stringify(session)
  } catch (cause) {
    refuseUnstorable(data(session))
    throw new CatamaranError('E_SESSION_VALUE', ['a value', String(cause)], { cause })
  }
}

/**
 * Checks a session that changed before it is stored.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE` or `E_SESSION_TOO_LARGE`
 */
export function checkRecord(session: object, text: string, maxBytes: number): void {
  refuseUnstorable(data(session))
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    throw new CatamaranError('E_SESSION_TOO_LARGE', [String(bytes), String(maxBytes)])
  }
}

/** The text of the same session without any data. */
export function emptyTextOf({ cookie }: { readonly cookie: Cookie }): string {
  return JSON.stringify({ cookie })
}

/** The text our session object has while nothing changed; other writers space and order theirs otherwise. */
export function untouchedText(
  text: string,
  { defaults, isReserved }: { defaults: object; isReserved: (key: string) => boolean },
): string {
  const record = parseRecord(text) ?? {}
  const kept = Object.entries(record).filter(([key]) => !isReserved(key))
  return JSON.stringify({
    cookie: cookieOf(record['cookie'], defaults),
    ...Object.fromEntries(kept),
  })
}

/** Makes a session object show `value`; what is equal stays the same object. */
export function adopt(session: object, value: JsonObject): void {
  const fields = session as Record<string, unknown>
  for (const key of Object.keys(fields)) {
    if (key !== 'cookie' && !Object.hasOwn(value, key)) delete fields[key]
  }
  for (const [key, item] of Object.entries(value)) {
    const same = JSON.stringify(fields[key]) === JSON.stringify(item)
    if (key !== 'cookie' && !same && (Object.hasOwn(fields, key) || !(key in fields)))
      fields[key] = item
  }
}

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
  { base, mine, theirs }: Texts,
  { rules, user }: { readonly rules: MergeRules; readonly user?: string | undefined },
): MergedRecord | undefined {
  const sides = { base: parseRecord(base), mine: parseRecord(mine), theirs: parseRecord(theirs) }
  if (!sides.base || !sides.mine || !sides.theirs) return undefined
  if (user && !equal(sides.base[user] ?? null, sides.theirs[user] ?? null)) return undefined
  const { value, conflicts } = merge(
    { base: timeless(sides.base), mine: timeless(sides.mine), theirs: timeless(sides.theirs) },
    rules,
  )
  // Both sides renewed the expiry; mine is the later one.
  const expires = isObject(sides.mine['cookie']) ? sides.mine['cookie']['expires'] : undefined
  const cookie = cookieOf({ ...asObject(value['cookie']), expires: expires ?? null }, {})
  value['cookie'] = JSON.parse(JSON.stringify(cookie)) as Json
  return { text: JSON.stringify(value), value, conflicts }
}

/** The data alone: what an app put into its session. */
function data(session: object): object {
  const { cookie: _, ...own } = session as { cookie?: unknown }
  return own
}

function timeless(record: JsonObject): JsonObject {
  const { expires: _, ...cookie } = asObject(record['cookie'])
  return { ...record, cookie }
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
