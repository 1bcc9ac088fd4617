/**
 * The three classes of express-session that ours stand on, so that third-party stores and `instanceof` work.
 * Typed here: its public types declare `req.session` for Express themselves, so they can't stand beside
 * ours, and what we publish must not ask an app for them.
 */
import type { EventEmitter } from 'node:events'

/** What a cookie's attributes are stored as. */
export interface CookieData {
  originalMaxAge: number | null
  expires: Date | null | false
  [attribute: string]: unknown
}

/** The cookie of one session: its attributes, and how long it lives. */
export interface Cookie {
  path: string
  httpOnly: boolean
  secure?: boolean | 'auto'
  sameSite?: boolean | string
  domain?: string
  /** **Milliseconds** left; assigning moves `expires`. */
  maxAge: number | null
  originalMaxAge: number | null
  expires: Date | null | false
  _expires: Date | null | false
  readonly data: CookieData
  serialize(name: string, value: string): string
}

/** The bare session of Connect. */
export interface BaseSession {
  get id(): string
  get req(): object
  cookie: Cookie
}

/** Where Connect's stores come from. */
export interface Store extends EventEmitter {}

/** express-session's own function carries them. */
interface Classes {
  readonly Cookie: new (options?: object) => Cookie
  readonly Session: new (req: object, data?: object) => BaseSession
  readonly Store: new () => Store
}

const require = process.getBuiltinModule('node:module').createRequire(import.meta.url)
/** express-session itself, for what asks for it by the classes it carries. */
export const expressSession = require('express-session') as Classes

export const Cookie: Classes['Cookie'] = expressSession.Cookie
export const BaseSession: Classes['Session'] = expressSession.Session
export const Store: Classes['Store'] = expressSession.Store
