/**
 * What the drop-in `session()` takes: express-session's options, and those of ours that make sense there.
 */
import type { IncomingMessage } from 'node:http'
import type { Secret } from './cookie.ts'
import type { MergeRules } from './merge.ts'

/** The attributes of a cookie, as in express-session. */
export interface CookieOptions {
  /** **Milliseconds**; without it the cookie lives as long as the browser. */
  maxAge?: number | null
  expires?: Date | null | false
  path?: string
  domain?: string
  httpOnly?: boolean
  /** `auto`: where the request is secure. */
  secure?: boolean | 'auto'
  /** `auto`: `none` where the request is secure, else `lax`. */
  sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto'
  partitioned?: boolean
  priority?: 'low' | 'medium' | 'high'
}

export interface SessionOptions {
  /** Signs the cookie. Of several the first signs and all verify; without one `req.secret` is used. */
  secret?: Secret | readonly Secret[]
  /** A Connect store; a memory store unless given. */
  store?: object
  /** Name of the cookie: `connect.sid` unless given. */
  name?: string
  /** Another spelling of `name`. */
  key?: string
  cookie?: CookieOptions | ((request: IncomingMessage) => CookieOptions)
  genid?: (request: IncomingMessage) => string
  /** Whether `X-Forwarded-Proto` says what is secure; without it `req.secure` does. */
  proxy?: boolean
  resave?: boolean
  rolling?: boolean
  saveUninitialized?: boolean
  /** What `req.session = null` does to the stored session; `keep` unless given. */
  unset?: 'destroy' | 'keep'

  /** **Seconds** between renewals of an unchanged session's life; 0 unless given. */
  touchAfter?: number
  /** Idle life in **seconds** of sessions whose cookie has no `maxAge`, in stores of ours; a day unless given. */
  ttl?: number
  /** Largest session, in bytes of JSON; 65,536 unless given. */
  maxBytes?: number
  /** Fields that merge otherwise than by the later change. */
  merge?: MergeRules
  /** Field that names the user; a merge never crosses its change. */
  user?: string
  /** All a request may wait for the store, in **seconds**; 1.5 unless given. */
  storeTimeout?: number
  /** When the store does not answer: `fail` (unless given), or go on as `anonymous`. */
  onStoreError?: 'fail' | 'anonymous'
}

/**
 * Refuses options that can't work, in express-session's words.
 *
 * @throws {TypeError}
 */
export function checkOptions({ genid, unset, secret }: SessionOptions): void {
  if (genid && typeof genid !== 'function') throw new TypeError('genid option must be a function')
  if (unset && unset !== 'destroy' && unset !== 'keep') {
    throw new TypeError('unset option must be "destroy" or "keep"')
  }
  if (Array.isArray(secret) && secret.length === 0) {
    throw new TypeError('secret option array must contain one or more strings')
  }
}
