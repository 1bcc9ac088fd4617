/**
 * A visit: what one request or one socket event holds of a session, from open to commit. Data only;
 * the lifecycle does the work.
 */
import type { IncomingMessage } from 'node:http'
import type { Cookie } from './express-session.ts'
import type { Known } from './known.ts'
import type { Holder } from './login.ts'
import type { Session } from './session.ts'

/** The request's side of a visit, on either door. */
export interface SessionRequest {
  session?: (Session & Catamaran.SessionData) | null | undefined
  sessionID?: string
  /** Whether it came over TLS, as far as trusted. */
  readonly secure?: boolean
}

/** An id, and what is known of its record. The events of one socket share one of these. */
export interface Identity {
  readonly id: string
  /** Whether a record has been stored under it. */
  stored: boolean
  /** Whether that record was ended; nothing is ever stored under the id again. */
  ended: boolean
  /** It ended by a rotation: what is under way under it still reaches the record. */
  moved?: boolean
}

export interface Visit {
  readonly request: SessionRequest & IncomingMessage
  /** The socket whose event this is; over HTTP there is none. */
  readonly owner: object | undefined
  /** The client of that socket fetches a new cookie when it is told to. */
  readonly renewable: boolean
  identity: Identity
  /** The record's text that the session object stands on; `undefined` until one is stored. */
  base: string | undefined
  /** What a text of this session says; of use while that text is `base`. */
  known: Known | undefined
  /** The expiry in that text; the session object's own shows what renewals have made of it. */
  shownEnd: Cookie['_expires']
  /** The text the session object stands on, where it shows its record otherwise than it is stored. */
  view: string | undefined
  /** The data of a new session to which nothing was added; kept where its schema gives defaults. */
  blank: string | undefined
  /** The properly signed id that came along, whether or not it was known. */
  readonly sentId: string | undefined
  /** The cookie must be sent: new, changed, renewed, or signed by an old secret. */
  sendCookie: boolean
  /** The cookie must be taken away: the session it names was ended here. */
  clearCookie: boolean
  /** The id this visit has given up; its sockets are told after the answer, which brings the new cookie. */
  left: { readonly id: string; readonly reason: 'regenerated' | 'rotated' } | undefined
  /** Whose session it was when it was last read or stored; kept where the config names the user's field. */
  holder: Holder | undefined
  /** Whether this visit renews the life of what it reads; what it changes lives anew in any case. */
  readonly activity: boolean
  /** The life must be renewed even if nothing changed. */
  renew: boolean
  /** The life has been renewed during this visit. */
  renewed: boolean
  /** A renewal that failed: it keeps the answer and is told after it. */
  lateError: unknown
  /** A destroy, regenerate or update that failed: it fails the answer, awaited or not. */
  fault: unknown
  /** Changes are not kept: the store was down, and `onStoreError` let the visitor in. */
  readonly detached: boolean
  /** What an action asked of its session and may not have awaited. */
  readonly pending: Promise<unknown>[]
  /** **Milliseconds** this visit has waited for the store. */
  waited: number
}

/** How sessions end; clients see it as `session:ended`. */
export type EndReason = 'destroyed' | 'revoked' | 'regenerated' | 'rotated' | 'replaced' | 'expired'

export interface Ending {
  readonly id: string
  readonly reason: EndReason
  /** Whether its clients may come back at once, with a new cookie. */
  readonly reconnect: boolean
  /** The socket whose own event ended it; it stays. */
  readonly owner: object | undefined
}

/** What is known of a visit at its beginning. */
type Beginning = Pick<Visit, 'identity'> & Partial<Pick<Visit, Given>>
type Given =
  | 'owner'
  | 'renewable'
  | 'base'
  | 'sentId'
  | 'sendCookie'
  | 'activity'
  | 'detached'
  | 'waited'

/** Makes the visit of a request or an event, of which nothing has been read yet. */
export function visitOf(request: Visit['request'], known: Beginning): Visit {
  // Field by field: a spread would take longer than all the rest of the opening.
  return {
    request,
    owner: known.owner,
    renewable: known.renewable ?? false,
    identity: known.identity,
    base: known.base,
    known: undefined,
    shownEnd: null,
    view: undefined,
    blank: undefined,
    sentId: known.sentId,
    sendCookie: known.sendCookie ?? false,
    clearCookie: false,
    left: undefined,
    holder: undefined,
    activity: known.activity ?? true,
    renew: false,
    renewed: false,
    lateError: undefined,
    fault: undefined,
    detached: known.detached ?? false,
    pending: [],
    waited: known.waited ?? 0,
  }
}
