/**
 * What becomes of a held answer: after the commit it is sent call by call; if the commit fails it is
 * dropped, and another one takes its place.
 */
import {
  call,
  callBack,
  type Held,
  type Hold,
  type HoldOptions,
  holdKey,
  inherited,
} from './held.ts'

/** Commits, then sends what was held: at once where the commit need not wait. Never throws. */
export function release(res: Held): void {
  let cookie: ReturnType<HoldOptions['commit']>
  try {
    cookie = res[holdKey].commit()
  } catch (error) {
    refuse(res, error)
    return
  }
  if (cookie instanceof Promise) {
    cookie.then(
      (line) => send(res, line),
      (error: unknown) => refuse(res, error),
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

/** The commit failed; an answer that tells of a failure itself, such as an action's own error, stays as it is. */
function refuse(res: Held, error: unknown): void {
  const { ended, status = 0, rescue } = res[holdKey]
  if (ended && status >= 500) send(res, rescue?.())
  else giveUp(res, error, 503)
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
  for (let next = hold.calls[0]; next; next = hold.calls[0]) {
    const [name, args] = next
    if (call(res, hold.inner[name], args) === false) flowing = false
    // From here on Node calls back; should the next one throw, we must not.
    hold.calls.shift()
  }
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
  const { status } = Object(error)
  const fits = typeof status === 'number' && status >= 400 && status < 600
  return fits ? status : undefined
}
