/**
 * Records: the text of a session as stores keep it, and back. The form is express-session's: the data
 * with the cookie's attributes under `cookie`. Knows no store.
 */
import connect, { type Cookie } from 'express-session'
import { CatamaranError } from '../errors.ts'
import { equal, type Json, type JsonObject, merge } from './merge.ts'
import { isReserved, type Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
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

/**
 * Refuses a record without a cookie, as express-session does when it brings one to life.
 *
 * @throws {TypeError} in the words it has there
 */
export function refuseCookieless({ cookie }: JsonObject): void {
  if (cookie !== undefined && cookie !== null) return
  throw new TypeError(`Cannot read properties of ${cookie} (reading 'expires')`)
}

/** Brings a record's cookie back to life; where there is none, makes one of `attributes`. */
export function cookieOf(stored: Json | undefined, attributes: object): Cookie {
  const given: object = isObject(stored) ? stored : attributes
  const cookie = new connect.Cookie(given)
  const { expires, originalMaxAge, maxAge } = given as Record<string, unknown>
  if (typeof expires === 'string') cookie.expires = new Date(expires)
  // The setters took what is left of the life, by the clock; what was set is what counts.
  if (isObject(stored)) cookie.originalMaxAge = originalMaxAge as number | null
  else if (typeof maxAge === 'number') cookie.originalMaxAge = maxAge
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

/** The text of a session whose cookie ends when its stored text says so: a renewal is no change. */
export function textWithEnd(session: Session, end: Cookie['_expires']): string {
  const { cookie } = session
  const shown = cookie._expires
  if (shown === end || !('_expires' in cookie)) return textOf(session)
  cookie._expires = end
  try {
    return textOf(session)
  } finally {
    cookie._expires = shown
  }
}

/** The cookie's part of a text of ours: it comes first and holds no further braces. */
export function cookieText(text: string): string {
  return text.slice(0, text.indexOf('}'))
}

/** Nothing but the cookie: a visitor without data. */
export function isEmpty(session: Session): boolean {
  return Object.keys(session).length === 1
}

/**
 * @param lossy - told instead, where such values are let pass
 * @throws {CatamaranError} `E_SESSION_VALUE` naming what JSON can't hold
 */
export function checkValues(session: object, lossy?: (error: unknown) => void): void {
  try {
    refuseUnstorable(data(session))
  } catch (error) {
    if (!lossy) throw error
    lossy(error)
  }
}

/** @throws {CatamaranError} `E_SESSION_TOO_LARGE` */
export function checkSize(text: string, maxBytes: number): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    throw new CatamaranError('E_SESSION_TOO_LARGE', [String(bytes), String(maxBytes)])
  }
}

/**
 * The text a session object would have if nothing but its expiry had changed since it was loaded from
 * `text`; without one, if it held no data. Other writers space and order their texts otherwise.
 */
export function untouchedText(
  text: string | undefined,
  { cookie }: Session,
  attributes: object,
): string {
  if (text === undefined) return JSON.stringify({ cookie })
  const record = parseRecord(text) ?? {}
  const loaded = cookieOf(record['cookie'], attributes)
  loaded._expires = cookie._expires
  const kept = Object.entries(record).filter(([key]) => !isReserved(key))
  return JSON.stringify({ cookie: loaded, ...Object.fromEntries(kept) })
}

/** Makes a session object show `value`, in its order; what is equal stays the same object. */
export function adopt(session: Session, value: JsonObject): void {
  const fields = session as unknown as Record<string, unknown>
  const before = { ...fields }
  for (const key of Object.keys(before)) if (key !== 'cookie') delete fields[key]
  for (const [key, item] of Object.entries(value)) {
    if (isReserved(key)) continue
    const isSame = JSON.stringify(before[key]) === JSON.stringify(item)
    fields[key] = isSame ? before[key] : item
  }
  const isSameCookie = JSON.stringify(session.cookie) === JSON.stringify(value['cookie'])
  if (!isSameCookie) session.cookie = cookieOf(value['cookie'], {})
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
