/**
 * The methods of a session of `sess`. They stand on a prototype of each request, where `for in` sees them
 * and JSON does not; each gives the session, and takes a callback.
 */
import type { ServerResponse } from 'node:http'
import type { SessGround, SessRequest, SessVisit } from './sess-visit.ts'
import { freshRow, keep, show } from './sess-visit.ts'

export type SessCallback = (error?: unknown) => void

/** A session: the row's own fields, its data, and these methods. */
export interface SessSession {
  id: string
  created: Date
  rev: number
  updated?: Date
  readonly req: SessRequest
  readonly res: ServerResponse
  /** Stores now what has changed. */
  save(done?: SessCallback): this
  /** Removes the row, and the session from the request. */
  destroy(done?: SessCallback): this
  /** Begins an empty session under a new id. */
  regenerate(done?: SessCallback): this
  /** Puts what is stored now on the request, as a new object. */
  reload(done?: SessCallback): this
  /** Sends the cookie with this answer. */
  touch(): this
  /** An app's own data. */
  [field: string]: unknown
}

/** Tells of an error as sess does, where somebody listens: an `error` nobody hears would end the process. */
export function tell(res: ServerResponse, error: unknown): boolean {
  return res.listenerCount('error') > 0 && res.emit('error', error)
}

export function createMethods(ground: SessGround, visit: SessVisit): object {
  const { req, res } = visit

  /** Calls back once; without a callback an error is told on the response, else it fails the answer. */
  function run(session: unknown, work: () => Promise<void>, done: SessCallback | undefined) {
    visit.pending.push(
      work().then(
        () => done && process.nextTick(done, null),
        (error: unknown) => {
          if (done) process.nextTick(done, error)
          else if (!tell(res, error)) visit.fault ??= error
        },
      ),
    )
    return session
  }

  async function remove(): Promise<void> {
    const id = String(req.sessionID)
    await ground.inTurn(id, () => ground.rows.destroy(id))
  }

  const methods = {
    req,
    res,
    save(this: unknown, done?: SessCallback) {
      return run(this, () => keep(ground, visit), done)
    },
    destroy(this: unknown, done?: SessCallback) {
      const work = async () => {
        await remove()
        delete req.session
        delete req.sessionID
      }
      return run(this, work, done)
    },
    touch(this: unknown) {
      visit.touched = true
      return this
    },
    reload(this: unknown, done?: SessCallback) {
      const id = String(req.sessionID)
      const work = async () => {
        const row = await ground.rows.load(id)
        show(visit, row ?? freshRow(ground, id), methods, row !== undefined)
      }
      return run(this, work, done)
    },
    regenerate(this: unknown, done?: SessCallback) {
      const work = async () => {
        await remove()
        show(visit, freshRow(ground), methods, false)
      }
      return run(this, work, done)
    },
  }
  return methods
}
