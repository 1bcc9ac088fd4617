/**
 * `catamaran/sess`: takes the place of `sess` 0.1 on plain node:http, middler, Connect and Express. Rows,
 * cookie and methods are as there; the answer waits until the session is stored. No signature, no expiry.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Held, holdKey } from '../session/held.ts'
import { holdAnswer, isHeld } from '../session/hold.ts'
import {
  createModelerRows,
  type ModelerCollection,
  refuseOthers,
} from '../session/stores/modeler-collection.ts'
import { createTurns } from '../session/turns.ts'
import { hrefOf, idsIn, lineOf, type SessCookieOptions } from './sess-cookie.ts'
import { createSessMemory, type SessHooks } from './sess-memory.ts'
import { createMethods, tell } from './sess-methods.ts'
import {
  freshRow,
  isChanged,
  keep,
  type SessGround,
  type SessRequest,
  type SessVisit,
  show,
} from './sess-visit.ts'

export type { SessCookieOptions } from './sess-cookie.ts'
export type { SessCallback, SessSession } from './sess-methods.ts'

/** Without `sessions`, modeler's hooks may stand among them. */
export interface SessOptions extends SessHooks {
  /** Name of the cookie: `sess` unless given. */
  key?: string
  cookie?: SessCookieOptions
  /** A modeler collection; the memory of this process unless given. */
  sessions?: ModelerCollection | null
  /** **Seconds** that one call of the collection may take; 1.5 unless given. */
  storeTimeout?: number
  /** The name of the collection, which sess hands on to modeler; it has no meaning here. */
  name?: string
}

type Next = (error?: unknown) => void
export type SessMiddleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void

type Cookie = SessCookieOptions & { readonly name: string }

/**
 * Makes the middleware that gives each request its session.
 *
 * @throws {CatamaranError} `E_STORE_OPTIONS` when `sessions` is no collection
 */
export function sess(given?: SessOptions | null): SessMiddleware {
  const options = given ?? {}
  const { key, storeTimeout = 1.5 } = options
  const sessions = options.sessions ?? createSessMemory(options)
  refuseOthers(sessions)
  const rows = createModelerRows(sessions, storeTimeout)
  const ground: SessGround = { collection: sessions, rows, inTurn: createTurns() }
  const { name, path, httpOnly = true, ...rest } = options.cookie ?? {}
  const cookie: Cookie = { ...rest, name: name || key || 'sess', path: path || '/', httpOnly }

  return (req, res, next) => {
    // Mounted twice, the first one serves.
    if (isHeld(res)) return next()
    const request = req as SessRequest & { href?: ReturnType<typeof hrefOf> }
    request.href ??= hrefOf(req)
    const mayKeep = !cookie.secure || request.href.protocol === 'https:'
    const visit = visitOf(request, res, mayKeep)
    const ids = idsIn(req.headers.cookie, cookie.name)
    const begin = () => {
      hold(ground, visit, { cookie, next })
      next()
    }
    // As sess does: who brings no cookie is served at once.
    if (ids.length > 0) open(ground, visit, ids).then(begin, next)
    else if (renew(ground, visit, next)) begin()
  }
}

function visitOf(req: SessRequest, res: ServerResponse, mayKeep: boolean): SessVisit {
  return {
    req,
    res,
    mayKeep,
    base: '{}',
    stored: false,
    firstRev: 0,
    wrote: false,
    touched: false,
    pending: [],
    fault: undefined,
  }
}

/** Gives the visitor an empty session; tells whether the collection could make it. */
function renew(ground: SessGround, visit: SessVisit, next: Next): boolean {
  try {
    show(visit, freshRow(ground), createMethods(ground, visit), false)
    return true
  } catch (error) {
    next(error)
    return false
  }
}

/** The first id that names a row counts; an unknown one is never adopted. */
async function open(ground: SessGround, visit: SessVisit, ids: readonly string[]): Promise<void> {
  const methods = createMethods(ground, visit)
  for (const id of ids) {
    const row = await ground.rows.load(id)
    if (row) return show(visit, row, methods, true)
  }
  show(visit, freshRow(ground), methods, false)
}

/** Holds the answer until the session is stored. */
function hold(
  ground: SessGround,
  visit: SessVisit,
  { cookie, next }: { cookie: Cookie; next: Next },
): void {
  const { res } = visit
  let begun = false

  async function commit(): Promise<string | undefined> {
    await Promise.allSettled(visit.pending)
    if (visit.fault) throw visit.fault
    await keep(ground, visit)
    begun = true
    const { session } = visit.req
    const asked = visit.touched || cookie.alwaysSet || isYoung(visit)
    if (!session || !visit.mayKeep || !asked) return undefined
    return lineOf(cookie.name, String(Object(session).id), cookie)
  }

  holdAnswer(res, { commit, failed: (error) => failed(visit, error, next) })
  const { end } = res
  res.end = ((...given: unknown[]) => {
    const finish = () => Reflect.apply(end, res, given) as ServerResponse
    if (!begun || !isLate(visit)) return finish()
    // The headers are gone, but who has read the last byte may rely on what is stored.
    keep(ground, visit).then(finish, (error: unknown) => {
      tell(visit.res, error)
      finish()
    })
    return res
  }) as typeof end
}

/**
 * Whether its browser may not know it yet: it is new; or it has been stored once only and the answer began
 * before its end, which is when sess sends the cookie again.
 */
function isYoung({ res, wrote, firstRev }: SessVisit): boolean {
  if (!wrote || firstRev > 1) return false
  const { headed, calls } = (res as Held)[holdKey]
  return firstRev === 0 || headed || calls[0]?.[0] === 'write'
}

function isLate(visit: SessVisit): boolean {
  try {
    return isChanged(visit)
  } catch {
    return false
  }
}

/** As sess tells of errors; then whoever handles them answers, unless that is done. */
function failed(visit: SessVisit, error: unknown, next: Next): void {
  tell(visit.res, error)
  if (!visit.res.writableEnded) next(error)
}

// `require('catamaran/sess')` gives the function, as `require('sess')` does, and finds it by name too.
Object.defineProperty(sess, 'sess', { value: sess })

export { sess as 'module.exports' }
