/**
 * Our texts as the session objects Connect stores are handed, and back. Such a store reads the life of a
 * session off its cookie, so every object has one, also where the text has none.
 */
import type { Cookie } from '../express-session.ts'
import type { JsonObject } from '../merge.ts'
import { cookieOf, parseRecord } from '../record.ts'

/** What a Connect store is handed. */
export interface ShownSession {
  cookie: Cookie
  [key: string]: unknown
}

/** Where texts that are no JSON object (encrypted ones) travel in a session object. */
const carrier = '_catamaran'

/**
 * @param expires - when the life of the record ends; shown by cookies that have no end of their own, but
 *   not written into the text
 */
export function sessionOf(text: string, expires: Date | undefined): ShownSession {
  const record = parseRecord(text)
  if (!record) return carried(text, expires)
  const cookie = shownCookie(record['cookie'], expires)
  return Object.assign(record as Record<string, unknown>, { cookie })
}

/** A session object that carries a text which is no JSON object. */
export function carried(text: string, expires?: Date): ShownSession {
  return { cookie: shownCookie(undefined, expires), [carrier]: { text } }
}

/** The session a request holds, with the end of its life shown where its cookie has none. */
export function withEnd(session: object, expires: Date | undefined): object {
  const { cookie } = session as ShownSession
  if (!expires || typeof cookie.originalMaxAge === 'number') return session
  return { ...session, cookie: shownCookie(JSON.parse(JSON.stringify(cookie)), expires) }
}

function shownCookie(stored: JsonObject[string] | undefined, expires: Date | undefined): Cookie {
  const cookie = cookieOf(stored, {})
  const isOurs = stored !== undefined
  if (isOurs && (expires === undefined || typeof cookie.originalMaxAge === 'number')) return cookie
  const text = isOurs ? cookie.data : undefined
  if (expires) cookie._expires = expires
  return Object.defineProperty(cookie, 'toJSON', { value: () => text })
}

/** The text of what a store gave; `undefined` for nothing. */
export function textOfStored(given: unknown): string | undefined {
  if (given === undefined || given === null || given === false) return undefined
  if (typeof given !== 'object') return String(given)
  const { lastModified, ...rest } = given as Record<string, unknown>
  const carried = (rest[carrier] as { text?: unknown } | undefined)?.text
  if (typeof carried === 'string') return carried
  // connect-mongo's own note of its last write; no app's Date comes back from JSON as a Date.
  return JSON.stringify(lastModified instanceof Date ? rest : given)
}

/** Whether two texts differ in nothing but the cookie's expiry: a renewal is no change. */
export function isSameButExpiry(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [parseRecord(a), parseRecord(b)]
  if (!one || !other) return false
  return JSON.stringify(timeless(one)) === JSON.stringify(timeless(other))
}

function timeless(record: JsonObject): JsonObject {
  const { cookie } = record
  if (typeof cookie !== 'object' || cookie === null || Array.isArray(cookie)) return record
  return { ...record, cookie: { ...cookie, expires: null } }
}
