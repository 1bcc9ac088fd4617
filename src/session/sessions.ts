/**
 * What the doors, the drop-in and the sockets ask of the session engine; lifecycle.ts does it.
 */
import type { Identified } from './arrival.ts'
import type { SignedId } from './cookie.ts'
import type { Forebears } from './forebears.ts'
import type { Span } from './life.ts'
import type { PublicFields } from './public-fields.ts'
import type { SessionSettings } from './settings.ts'
import type { Tickets } from './tickets.ts'
import type { Identity, Visit } from './visit.ts'

export interface Sessions {
  /**
   * Opens the session a cookie header names, or a new one, as `request.session`: at once where the store
   * can tell at once.
   *
   * @param sent - the header, or the ids where they have been read already
   * @param activity - `false`: reading it does not renew its life
   * @throws {CatamaranError} `E_STORE_DOWN`
   */
  open(
    request: Visit['request'],
    sent: Sent,
    whenDown?: WhenDown,
    activity?: boolean,
  ): Visit | Promise<Visit>
  /** Gives a visit a new id and an empty session; nothing is ended by it. */
  restart(visit: Visit): void
  /**
   * Opens the session a socket is bound to, for one event; at once where the store can tell at once.
   *
   * @throws {CatamaranError} `E_SESSION_ENDED`, `E_STORE_DOWN`
   */
  resume(request: Visit['request'], bound: Bound): Visit | Promise<Visit>
  /**
   * Stores what changed; at once where there is nothing to store. Nothing of the answer may leave before this
   * is done.
   *
   * @returns the `Set-Cookie` line the answer must carry, if any
   * @throws {CatamaranError} `E_STORE_DOWN`, `E_SESSION_BUSY`, `E_SESSION_VALUE`, `E_SESSION_TOO_LARGE`
   */
  commit(visit: Visit): string | undefined | Promise<string | undefined>
  /**
   * The `Set-Cookie` line for the answer to a failed commit: where the id has moved, the browser's old cookie
   * leads nowhere, and without the new one its visitor would be logged out.
   */
  rescue(visit: Visit): string | undefined
  /**
   * To be called at the end of a streamed answer: tells when the session changed after it had begun.
   *
   * @returns whether it has
   */
  checkSealed(visit: Visit): boolean
  /** To be called after any other answer whose session was stored; only where it is worth a look later. */
  readonly watchLate: ((visit: Visit) => void) | undefined
  /** To be called when the answer has left: tells the sockets of an id that it has replaced. */
  answered(visit: Visit): void
  /**
   * Finds who connects, for a handshake: a known session, or a fresh id with the `Set-Cookie` line that
   * carries it. A store that is down lets the socket in; its events will say so.
   */
  identify(request: Visit['request'], header: string | undefined): Promise<Identified>
  /** Tickets by which sockets change the browser's cookie; `undefined` where there is no secret. */
  tickets(): Promise<Tickets | undefined>
  /** Whether a handshake has given the browser with this id another one since; asked again, no. */
  wasReplaced(id: string): boolean
  /** What other nodes are told, and tell, of the cookies that handshakes have replaced. */
  readonly forebears: Pick<Forebears, 'share' | 'heard'>
  /** A new id, under which nothing is stored yet. */
  fresh(): Identity
  /** What is left of the life of this visit's session from now. */
  lifeOf(visit: Visit): Span
  /**
   * **Seconds** of life that are left to the session of this id: 0 when it is gone, `undefined` when the store
   * can't tell; for expiry without traffic.
   */
  secondsLeft(id: string): Promise<number | undefined>
  /** The fields that the sockets of a session are told of; `undefined` where there are none. */
  readonly publicFields: PublicFields | undefined
  /**
   * Resolves when the store answers now.
   *
   * @throws {CatamaranError} `E_STORE_DOWN`, within the time a request would wait
   */
  check(): Promise<void>
}

export type Sent = string | undefined | readonly SignedId[]

/** What to do when the store does not answer, where it is not as the config says. */
export type WhenDown = SessionSettings['onStoreError'] | undefined

/** What an event comes with. */
export interface Bound {
  readonly identity: Identity
  /** The socket. */
  readonly owner: object
  /** Its client fetches a new cookie when it is told to. */
  readonly renewable?: boolean
  readonly whenDown?: WhenDown
  /** `false`: reading it does not renew its life. */
  readonly activity?: boolean | undefined
}
