/**
 * What an action holds as `req.session`: the data, the cookie, and Connect's methods, which give a
 * promise when no callback is given. Does no work itself: the lifecycle does. What only apps have:
 * app-session.ts.
 */
import { BaseSession, type Cookie } from './express-session.ts'
import { type Kept, keptField, keptOf } from './kept.ts'
import type { JsonObject } from './merge.ts'

type Callback = (error?: unknown) => void

/** What the lifecycle does for one request's session. */
export interface Handle {
  save(): Promise<void>
  reload(): Promise<void>
  regenerate(): Promise<void>
  rotate(): Promise<void>
  destroy(): Promise<void>
  touch(): void
  /** **Milliseconds** since the epoch, by the clock sessions live by. */
  now(): number
  update<T>(change: (data: Catamaran.SessionData) => T): Promise<T>
  flash(name: string, value: unknown): void
  takeFlash(name: string): Promise<unknown[]>
}

/** What a session is made of. */
export interface Contents {
  readonly data: JsonObject
  readonly cookie: Cookie
  /** Made when a method is first called: most requests call none. */
  readonly handle: () => Handle
  readonly kept?: Kept | undefined
}

/** express-session's, without what its constructor does: that fixes an id for good which a rotation changes. */
function ConnectSession() {}
ConnectSession.prototype = BaseSession.prototype
const Base = ConnectSession as unknown as typeof BaseSession

/** A class, because third-party code asks `instanceof` of express-session's. */
export class Session extends Base {
  readonly #request: object & { sessionID?: string }
  readonly #handle: () => Handle
  #id: string
  #kept: Kept | undefined
  #callsBack = false

  constructor(request: object & { sessionID?: string }, contents: Contents) {
    super(request)
    this.#request = request
    this.#handle = contents.handle
    this.#id = request.sessionID ?? ''
    this.#kept = contents.kept ?? keptOf(contents.data)
    this.cookie = contents.cookie
    const fields = this as Record<string, unknown>
    const { data } = contents
    for (const key of Object.keys(data)) if (!isReserved(this, key)) fields[key] = data[key]
  }

  /** The id of this session; another one after `rotate()`. */
  override get id(): string {
    return this.#id
  }

  override get req(): object {
    return this.#request
  }

  /** What Catamaran keeps beside the data; not yours to change. */
  get [keptField](): Kept | undefined {
    return this.#kept
  }

  /** Changes what is kept beside the data of a session. For the engine. */
  static keep(session: Session, kept: Kept | undefined): void {
    session.#kept = kept && Object.keys(kept).length > 0 ? kept : undefined
  }

  /** Gives a session that was rotated its new id. For the engine. */
  static rename(session: Session, id: string): void {
    session.#id = id
  }

  /** Whether a method of it was given a callback, so that the session itself is what the method returned. */
  static callsBack(value: object): boolean {
    return #callsBack in value && value.#callsBack
  }

  /** What a session's methods do. For the engine. */
  protected static handleOf(session: Session): Handle {
    return session.#handle()
  }

  /** Saves now what has changed so far; rarely needed: the answer waits for the save anyway. */
  save(): Promise<void>
  save(callback: Callback): this
  save(callback?: Callback): Promise<void> | this {
    return this.#settle(this.#handle().save(), callback)
  }

  /** Throws away what this request changed and loads the session again. */
  reload(): Promise<void>
  reload(callback: Callback): this
  reload(callback?: Callback): Promise<void> | this {
    return this.#settle(this.#handle().reload(), callback)
  }

  /** Ends this session and starts an empty one with a new id at `req.session`. */
  regenerate(): Promise<void>
  regenerate(callback: Callback): this
  regenerate(callback?: Callback): Promise<void> | this {
    return this.#settle(this.#handle().regenerate(), callback)
  }

  /**
   * Gives this session a new id and keeps its data: the old id is dead at once, and its sockets are asked to
   * come back. What other requests under way change under the old id is kept. To be called when somebody's
   * rights grow; with `user` in `config/session` a login does so by itself. Over a socket this needs
   * `catamaran/client`; with another client the id stays, with one warning in the log.
   *
   * @throws {CatamaranError} `E_SESSION_ENDED` when the session was ended meanwhile, `E_STORE_DOWN`
   */
  rotate(): Promise<void>
  rotate(callback: Callback): this
  rotate(callback?: Callback): Promise<void> | this {
    return this.#settle(this.#handle().rotate(), callback)
  }

  /** Ends this session on every node, with all its sockets; the next request starts a new one. */
  destroy(): Promise<void>
  destroy(callback: Callback): this
  destroy(callback?: Callback): Promise<void> | this {
    return this.#settle(this.#handle().destroy(), callback)
  }

  /** Renews the life of this session at the end of this request, whether or not it changed. */
  touch(): this {
    this.#handle().touch()
    return this
  }

  /** Connect's other name of `touch`: sets the cookie's `maxAge` back to what it was. */
  resetMaxAge(): this {
    return this.touch()
  }

  /**
   * Changes the session atomically: `change` gets the data as stored now, and is called again when another
   * request was faster. 1,000 parallel increments give 1,000.
   *
   * @param change - changes the data it is given and must not be async; its result is passed on
   */
  update<T>(change: (data: Catamaran.SessionData) => T): Promise<T> {
    return this.#handle().update(change)
  }

  /** With a callback as in Connect; without one a promise, which nobody has to await. */
  #settle(done: Promise<void>, callback: Callback | undefined): Promise<void> | this {
    if (!callback) return done
    this.#callsBack = true
    const called = (...problem: [error?: unknown]) => {
      this.#callsBack = false
      callback(...problem)
    }
    // In a tick of its own: what an action returns at once has been looked at by then.
    done.then(
      () => process.nextTick(called),
      (error: unknown) => process.nextTick(called, error),
    )
    return this
  }
}

/** What Connect's sessions have not. */
const ofOurs: readonly (keyof Session)[] = ['rotate', 'update']

/**
 * Names that mean something on a session (`save`, `id`, `__proto__`) can't be data, as in Connect. What only
 * ours mean something by may be, but in apps: users of express-session may have data by these names.
 */
export function isReserved(session: Session, key: string): boolean {
  const prototype: object = Object.getPrototypeOf(session)
  if (!(key in prototype)) return key === 'cookie'
  return prototype !== Session.prototype || !ofOurs.includes(key as keyof Session)
}
