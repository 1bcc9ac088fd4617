/**
 * What the session engine is built with, and whom it tells.
 */
import type { IncomingMessage } from 'node:http'
import type { Signer } from './cookie.ts'
import type { createLateWatch } from './late-changes.ts'
import type { Life } from './life.ts'
import type { Json, MergeRules } from './merge.ts'
import type { SessionStore } from './store.ts'
import type { Typed } from './typed.ts'
import type { Ending, Identity, SessionRequest } from './visit.ts'

export interface SessionSettings {
  readonly store: SessionStore
  readonly signer: Signer
  /** What tickets are sealed with; without any there are none. */
  readonly secrets?: readonly [string, ...string[]] | undefined
  readonly life: Life
  readonly cookieName: string
  /** Attributes of a new session's cookie. */
  readonly cookie: { readonly secure?: boolean | 'auto'; readonly [attribute: string]: unknown }
  readonly saveUninitialized: boolean
  /** Send the cookie with every answer of a stored session. */
  readonly rolling: boolean
  readonly unset: 'keep' | 'destroy'
  readonly merge: MergeRules
  /** Field that names the user; a merge never crosses its change. */
  readonly user?: string | undefined
  /** Fields that the sockets of a session are told of. */
  readonly public?: readonly string[] | undefined
  readonly maxBytes: number
  /** All a request may wait for the store, in **seconds**. */
  readonly storeTimeout: number
  readonly onStoreError: 'fail' | 'anonymous'
  /** Whether a request came over TLS; unless given, as `req.secure` says. */
  isSecure?(request: SessionRequest & IncomingMessage): boolean
  /** What to set where TLS ends at a proxy; unless given, what an app has for it. */
  readonly proxyOption?: string | undefined
  readonly genid?: ((request: IncomingMessage) => string) | undefined
  /** What the app's schema and version make of the data. */
  readonly typed?: Typed | undefined
  readonly report: SessionReport
  /** Finds what is changed after the answer; outside of production. */
  readonly lateWatch?: typeof createLateWatch | undefined
  /** Only in the drop-in. */
  readonly express?: ExpressManners | undefined
}

/** Where the drop-in keeps to express-session's ways; an app of ours has none of this. */
export interface ExpressManners {
  /** The attributes of a new session's cookie. */
  attributesOf(request: SessionRequest & IncomingMessage): object
  /** The store now has Connect methods of its own, which its owner counts on being called. */
  isPlain(): boolean
  /** Sessions that did not change are written again over plain stores. */
  readonly resave: boolean
  /** Told of values that JSON drops or changes: express-session lets them pass. */
  lossy(error: unknown): void
}

/** All public fields of a session by name; `null` is not set. */
export type Fields = Readonly<Record<string, Json>>

/** What the app is told of sessions; ids come as they are and must be hashed before they are shown. */
export interface SessionReport {
  ended(ending: Ending): void
  /** The cookie of an id has been replaced, of which perhaps only its key is known: its sockets come back. */
  replaced?(key: string, reason: 'replaced' | 'rotated'): void
  /** A socket's own event gave its session another id, or began an empty one. */
  moved?(owner: object, to: Identity, how: 'rotated' | 'regenerated'): void
  /** A text with other public fields was stored; only where the config declares some. */
  changed?(id: string, fields: Fields): void
  /** A late writer's changes were dropped: its session was ended, or is another user's now. */
  dropped(id: string): void
  /** Both sides changed these paths. */
  merged(id: string, paths: readonly string[]): void
  /** A stored text can't be read; its visitor got a fresh session. */
  unreadable(id: string): void
  warn(message: string): void
}
