/**
 * Records: the text of a session as stores keep it, and back. The form is express-session's: the data
 * with the cookie's attributes under `cookie`. Knows no store.
 */
import { CatamaranError } from '../errors.ts'
import { Cookie } from './express-session.ts'
import { type Kept, keptField, keptOf, timeOf } from './kept.ts'
import type { Life } from './life.ts'
import { isMarker } from './marker.ts'
import type { Json, JsonObject } from './merge.ts'
import { isReserved, Session } from './session.ts'
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

/** Whether a record was encrypted by whoever stored it, and by nobody opened: what it says can't be read here. */
export function isSealed({ encrypted, cookie }: JsonObject): boolean {
  return cookie === undefined && typeof encrypted === 'string'
}

/** Whether a record is a session that may be read: no marker, and not over by its absolute clock. */
export function isLiving(record: JsonObject, { isOver }: Pick<Life, 'isOver'>): boolean {
  return !isMarker(record) && !isOver(timeOf(keptOf(record)?.created))
}

/** Brings a record's cookie back to life; where there is none, makes one of `attributes`. */
export function cookieOf(stored: Json | undefined, attributes: object): Cookie {
  const given: object = isObject(stored) ? stored : attributes
  const cookie = new Cookie(given)
  const { expires, originalMaxAge, maxAge } = given as Record<string, unknown>
  if (typeof expires === 'string') cookie.expires = new Date(expires)
  // The setters took what is left of the life, by the clock; what was set is what counts.
  if (isObject(stored)) {
    cookie.originalMaxAge = originalMaxAge as number | null
    return cookie
  }
  // What is undefined would be missing in the text, and be null when it is read.
  cookie._expires ??= null
  if (typeof maxAge === 'number') cookie.originalMaxAge = maxAge
  return cookie
}

/**
 * The text of a session.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE` when JSON can't hold a value
 */
export function textOf(session: object): string {
  try {
    return withKept(JSON.stringify(session), session instanceof Session && session[keptField])
  } catch (cause) {
    refuseUnstorable(dataOf(session))
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

/**
 * Nothing but the cookie: a visitor without data, whom nobody has left a message or given a token.
 *
 * @param blank - the data of such a visitor, where there is some
 */
export function isEmpty(session: Session, blank?: string): boolean {
  const kept = session[keptField]
  if (kept?.flash || kept?.csrf) return false
  if (Object.keys(session).length === 1) return true
  return blank !== undefined && JSON.stringify(dataOf(session)) === blank
}

/**
 * @param lossy - told instead of what JSON would change or drop, where that is let pass
 * @throws {CatamaranError} `E_SESSION_VALUE` naming what can't be kept
 */
export function checkValues(session: object, lossy?: (error: unknown) => void): void {
  refuseUnstorable(dataOf(session), 'session', lossy)
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
  session: Session,
  attributes: object,
): string {
  const { cookie } = session
  if (text === undefined) return JSON.stringify({ cookie })
  const record = parseRecord(text) ?? {}
  const loaded = cookieOf(record['cookie'], attributes)
  loaded._expires = cookie._expires
  const { cookie: _, ...data } = record
  for (const key of Object.keys(data)) if (isReserved(session, key)) delete data[key]
  return withKept(JSON.stringify({ cookie: loaded, ...data }), keptOf(record))
}

/** What is kept beside the data stands last. */
function withKept(text: string, kept: Kept | undefined | false): string {
  return kept ? `${text.slice(0, -1)},"${keptField}":${JSON.stringify(kept)}}` : text
}

/** Makes a session object show `value`, in its order; what is equal stays the same object. */
export function adopt(session: Session, value: JsonObject): void {
  const fields = session as unknown as Record<string, unknown>
  const before = { ...fields }
  for (const key of Object.keys(before)) if (key !== 'cookie') delete fields[key]
  for (const [key, item] of Object.entries(value)) {
    if (isReserved(session, key)) continue
    const isSame = JSON.stringify(before[key]) === JSON.stringify(item)
    fields[key] = isSame ? before[key] : item
  }
  Session.keep(session, keptOf(value))
  const isSameCookie = JSON.stringify(session.cookie) === JSON.stringify(value['cookie'])
  if (!isSameCookie) session.cookie = cookieOf(value['cookie'], {})
}

/** Makes the data of a session what `data` says; what is equal stays the same object. */
export function take(session: Session, data: object): void {
  const fields = session as unknown as Record<string, unknown>
  for (const key of Object.keys(dataOf(session))) if (!Object.hasOwn(data, key)) delete fields[key]
  for (const [key, item] of Object.entries(data)) {
    if (isReserved(session, key)) continue
    if (JSON.stringify(fields[key]) !== JSON.stringify(item)) fields[key] = item
  }
}

/** The data alone: what an app put into its session. */
export function dataOf(session: object): object {
  const { cookie: _, ...own } = session as { cookie?: unknown }
  return own
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
