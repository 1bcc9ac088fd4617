/**
 * What an action of an app holds as `req.session`: the session, and what would stand in the way of users of
 * express-session, whose own data may go by these names. Does no work itself.
 */
import type { DeclaredData } from '../config/data-schema.ts'
import { CatamaranError } from '../errors.ts'
import { keptField, timeOf } from './kept.ts'
import { Session } from './session.ts'
import type { ConnectFace } from './stores/connect-face.ts'

declare global {
  // Express leaves this interface open for exactly this.
  namespace Express {
    interface Request {
      /** The session of this visitor, saved by itself before the answer leaves. */
      session: AppSession & DeclaredData
      sessionID: string
      /** The store of all sessions, by the methods of Connect: `get`, `set`, `touch`, `destroy`, `all`, `length`. */
      sessionStore: ConnectFace
    }
  }
}

/** Under which a session tells how long ago its login was; the same in every copy of this package. */
export const loginAge: unique symbol = Symbol.for('catamaran.loginAge') as never

/** The session of an app. */
export class AppSession extends Session {
  /**
   * When the user of this session logged in: when the field that `user` in `config/session` names was set or
   * changed, from the commit on that stored it; kept by `rotate()`. Set it yourself where somebody proves
   * again who they are.
   */
  get authenticatedAt(): Date | undefined {
    const time = timeOf(this[keptField]?.authenticated)
    return time === undefined ? undefined : new Date(time)
  }

  set authenticatedAt(time: Date | undefined) {
    const { authenticated: _, ...kept } = this[keptField] ?? {}
    const authenticated = time?.valueOf()
    if (authenticated !== undefined && !Number.isFinite(authenticated)) {
      throw new CatamaranError('E_SESSION_VALUE', ['session.authenticatedAt', 'it is no Date'])
    }
    Session.keep(this, authenticated === undefined ? kept : { ...kept, authenticated })
  }

  /** **Seconds** since `authenticatedAt`. For the engine. */
  get [loginAge](): number | undefined {
    const time = this.authenticatedAt?.getTime()
    return time === undefined ? undefined : (Session.handleOf(this).now() - time) / 1000
  }

  /**
   * Leaves a message for whoever takes it first: this request, the next page, an event of a socket. Several
   * of one name are kept in their order.
   *
   * @param value - any JSON value
   * @throws {CatamaranError} `E_SESSION_VALUE` when JSON can't hold the value
   */
  flash(name: string, value: unknown): void {
    Session.handleOf(this).flash(name, value)
  }

  /**
   * Takes the messages of a name, atomically: of parallel requests one gets them, the others an empty list.
   *
   * @throws {CatamaranError} `E_SESSION_ENDED`, `E_STORE_DOWN`
   */
  takeFlash(name: string): Promise<unknown[]> {
    return Session.handleOf(this).takeFlash(name)
  }
}
