/**
 * What becomes of a held answer: after the commit it is sent call by call; if the commit fails it is
 * dropped, and another one takes its place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface HoldOptions {
  /** Does what the answer must wait for; may give a `Set-Cookie` line it must carry. */
  commit(): string | undefined | Promise<string | undefined>
  /**
   * The commit failed before anything left. Where the held answer was complete, the response is as it was
   * at first, and this answers; an answer still being written has been replaced by the bare status.
   */
  failed(error: unknown): void
  /** Gives the `Set-Cookie` line that the answer must carry although the commit failed. */
  rescue?(): string | undefined
  /** Keep an answer that carries the cookie out of caches, unless it speaks of them itself. */
  readonly guardCaches?: boolean
  /** The answer has been handed over; `streamed` when it had begun before it ended. */
  sent?: ((streamed: boolean) => void) | undefined
}

/** With what compression adds to it. */
export type Response = ServerResponse<IncomingMessage> & { flush?: (() => void) | undefined }

export type Call = readonly ['write' | 'end' | 'flushHeaders' | 'flush', readonly unknown[]]

type Inner = Pick<
  Response,
  | 'writeHead'
  | 'write'
  | 'end'
  | 'flushHeaders'
  | 'flush'
  | 'on'
  | 'setHeader'
  | 'appendHeader'
  | 'removeHeader'
>

export interface Hold extends HoldOptions {
  /** The members as they were found. */
  readonly inner: Inner
  /** `idle` until the first byte is written, `held` until the commit is done, then `open` or `dropped`. */
  phase: 'idle' | 'held' | 'open' | 'dropped'
  /** writeHead was called: Node would count the headers as sent. */
  headed: boolean
  ended: boolean
  /** The status as it was when Node would have sent it. */
  status: number | undefined
  readonly calls: Call[]
  bytes: number
  /** A write was answered with false: its writer waits for `drain`. */
  full: boolean
  /** Why the answer was dropped. */
  error: unknown
}

export const holdKey = Symbol('catamaran.hold')
export type Held = Response & { [holdKey]: Hold }

/** Commits, then sends what was held: at once where the commit need not wait. Never throws. */
export function release(res: Held): void {
  let cookie: ReturnType<HoldOptions['commit']>
  try {
    cookie = res[holdKey].commit()
  } catch (error) {
    giveUp(res, error, 503)
    return
  }
  if (cookie instanceof Promise) {
    cookie.then(
      (line) => send(res, line),
      (error: unknown) => giveUp(res, error, 503),
    )
  } else send(res, cookie)
}

function send(res: Held, cookie: string | undefined): void {
  try {
    if (cookie) addCookie(res, cookie)
    replay(res)
  } catch (error) {
    giveUp(res, error, 500)
  }
}

/** Beside the cookies that are set already. */
function addCookie(res: Held, line: string): void {
  const given = res.getHeader('Set-Cookie') ?? []
  const lines = Array.isArray(given) ? given : [String(given)]
  const { inner, guardCaches } = res[holdKey]
  call(res, inner.setHeader, ['Set-Cookie', [...lines, line]])
  if (!guardCaches) return
  // Another visitor who was given this answer would be given this visitor's session.
  if (!res.hasHeader('Cache-Control')) {
    call(res, inner.setHeader, ['Cache-Control', 'private, no-store'])
  }
  const vary = String(res.getHeader('Vary') ?? '')
  if (!/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) {
    call(res, inner.setHeader, ['Vary', vary === '' ? 'Cookie' : `${vary}, Cookie`])
  }
}

function replay(res: Held): void {
  const hold = res[holdKey]
  hold.phase = 'open'
  res.statusCode = hold.status ?? res.statusCode
  let flowing = true
  for (const [name, args] of hold.calls) {
    if (call(res, hold.inner[name], args) === false && name === 'write') flowing = false
  }
  hold.calls.length = 0
  if (hold.full && flowing) res.emit('drain')
  if (hold.ended) finish(hold, false)
}

/** Tells once that the answer has been handed over. */
export function finish(hold: Hold, streamed: boolean): void {
  const { sent } = hold
  hold.sent = undefined
  sent?.(streamed)
}

/** @param status - where the error names none */
function giveUp(res: Held, error: unknown, status: number): void {
  const hold = res[holdKey]
  hold.phase = 'dropped'
  hold.error = error
  for (const [, args] of hold.calls) callBack(hold, args)
  hold.calls.length = 0
  if (inherited(res, 'headersSent')) {
    res.destroy()
  } else {
    startOver(res, statusOf(error) ?? status)
    const cookie = hold.rescue?.()
    if (cookie) addCookie(res, cookie)
    if (hold.ended) restore(res)
    else replace(res)
  }
  hold.failed(error)
}

/** As it was at first; what later middleware put around it still holds the dropped answer. */
function restore(res: Held): void {
  const { flush, ...inner } = res[holdKey].inner
  Object.assign(res, inner)
  if (flush) res.flush = flush
  else delete res.flush
  for (const name of ['headersSent', 'writableEnded', 'writableNeedDrain']) {
    Reflect.deleteProperty(res, name)
  }
}

/** Our own answer; whoever still writes his writes into the void. */
function replace(res: Held): void {
  const hold = res[holdKey]
  // Node's end calls writeHead, which is ours.
  hold.phase = 'open'
  call(res, hold.inner.end, [])
  hold.phase = 'dropped'
  if (hold.full) res.emit('drain')
}

/** Takes back what spoke of the dropped answer; earlier cookies stay. */
function startOver(res: Held, status: number): void {
  const { inner } = res[holdKey]
  for (const name of res.getHeaderNames()) {
    if (isAboutBody(name)) call(res, inner.removeHeader, [name])
  }
  // HTTP/2 has none, and warns.
  if (Object.hasOwn(res, 'statusMessage')) res.statusMessage = ''
  res.statusCode = status
  if (status === 503) call(res, inner.setHeader, ['Retry-After', '2'])
}

/** Policies for the page, such as helmet's, stay too. */
function isAboutBody(name: string): boolean {
  if (name.startsWith('content-')) return !name.startsWith('content-security-policy')
  return /^(etag|last-modified|cache-control|expires|location|transfer-encoding)$/.test(name)
}

function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  const fits = typeof status === 'number' && status >= 400 && status < 600
  return fits ? status : undefined
}

/** What Node's own member says, which ours covers. */
export function inherited(res: Held, name: string): unknown {
  return Reflect.get(Object.getPrototypeOf(res), name, res)
}

/** Calls one of the members that were there first. */
export function call(res: Held, member: unknown, args: readonly unknown[]): unknown {
  return Reflect.apply(member as (...given: unknown[]) => unknown, res, args)
}

/** Tells the caller of a dropped `write` or `end`, who may wait for it. */
export function callBack({ error }: Hold, args: readonly unknown[]): void {
  const callback = args.at(-1)
  if (typeof callback === 'function') process.nextTick(callback as () => void, error)
}
