/**
 * What an action holds as `req.session`: the data, the cookie, and Connect's methods, which give a
 * promise when no callback is given. Does no work itself: the lifecycle does.
 */
import connect, { type Cookie } from 'express-session'

declare global {
  namespace Catamaran {
    /** The app's own session fields; an app adds them by declaring this interface again. */
    interface SessionData {}
  }
  // Express leaves this interface open for exactly this.
  namespace Express {
    interface Request {
      /** The session of this visitor, saved by itself before the answer leaves. */
      session: Session & Catamaran.SessionData
      sessionID: string
    }
  }
}

type Callback = (error?: unknown) => void

/** What the lifecycle does for one request's session. */
export interface Handle {
  save(): Promise<void>
  reload(): Promise<void>
  regenerate(): Promise<void>
  destroy(): Promise<void>
  touch(): void
  update<T>(change: (data: Catamaran.SessionData) => T): Promise<T>
}

/** A class, because third-party code asks `instanceof` of express-session's. */
export class Session extends connect.Session {
  readonly #handle: Handle

  constructor(request: object, contents: { data: object; cookie: Cookie; handle: Handle }) {
    super(request)
    this.#handle = contents.handle
    this.cookie = contents.cookie
    const fields = this as Record<string, unknown>
    for (const [key, value] of Object.entries(contents.data)) {
      if (!isReserved(key)) fields[key] = value
    }
  }

  /** Saves now what has changed so far; rarely needed: the answer waits for the save anyway. */
  save(): Promise<void>
  save(callback: Callback): this
  save(callback?: Callback): Promise<void> | this {
    return settle(this, this.#handle.save(), callback)
  }

  /** Throws away what this request changed and loads the session again. */
  reload(): Promise<void>
  reload(callback: Callback): this
  reload(callback?: Callback): Promise<void> | this {
    return settle(this, this.#handle.reload(), callback)
  }

  /** Ends this session and starts an empty one with a new id at `req.session`. */
  regenerate(): Promise<void>
  regenerate(callback: Callback): this
  regenerate(callback?: Callback): Promise<void> | this {
    return settle(this, this.#handle.regenerate(), callback)
  }

  /** Ends this session on every node, with all its sockets; the next request starts a new one. */
  destroy(): Promise<void>
  destroy(callback: Callback): this
  destroy(callback?: Callback): Promise<void> | this {
    return settle(this, this.#handle.destroy(), callback)
  }

  /** Renews the life of this session at the end of this request, whether or not it changed. */
  touch(): this {
    this.#handle.touch()
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
    return this.#handle.update(change)
  }
}

/** Names that mean something on a session (`save`, `id`, `__proto__`) can't be data, as in Connect. */
export function isReserved(key: string): boolean {
  return key in Session.prototype || key === 'req' || key === 'id' || key === 'cookie'
}

/** With a callback as in Connect; without one a promise, which nobody has to await. */
function settle<S>(session: S, done: Promise<void>, callback: Callback | undefined) {
  if (callback) {
    done.then(
      () => callback(),
      (error: unknown) => callback(error),
    )
    return session
  }
  return done
}
