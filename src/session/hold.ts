/**
 * Holds an answer until the session is committed: nothing of it leaves before, not even the status line.
 * Works on any `ServerResponse`, HTTP/1.1 or HTTP/2, through its public members. Knows no session.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { applyHead, headersSent, refuseChunk } from './hold-checks.ts'

export interface HoldOptions {
  /** Does what the answer must wait for; may give a `Set-Cookie` line it must carry. */
  commit(): Promise<string | undefined>
  /** The commit failed before anything left: the response is as it was, this answers instead. */
  failed(error: unknown): void
  /** The answer has been handed over; `streamed` when it had begun before it ended. */
  sent?(streamed: boolean): void
}

type Response = ServerResponse<IncomingMessage>
type Call = readonly ['write' | 'end' | 'flushHeaders', readonly unknown[]]
type Inner = Pick<
  Response,
  'writeHead' | 'write' | 'end' | 'flushHeaders' | 'setHeader' | 'removeHeader'
>

/** `idle` until the first byte is written, `held` until the commit is done, then `open`. */
type Phase = 'idle' | 'held' | 'open' | 'dropped'

interface Hold extends HoldOptions {
  readonly inner: Inner
  phase: Phase
  /** writeHead was called: Node would count the headers as sent. */
  headed: boolean
  ended: boolean
  status: number
  readonly calls: Call[]
  bytes: number
  /** A write was answered with false: its writer waits for `drain`. */
  full: boolean
}

/** Bytes held at most before writers are told to wait; each write counts 16 more. */
const mostHeld = 60 * 1024

const holdKey = Symbol('catamaran.hold')
type Held = Response & { [holdKey]: Hold }

/** Puts the response on hold. From now on its first byte waits for `commit`. */
export function holdAnswer(res: Response, options: HoldOptions): void {
  const { writeHead, write, end, flushHeaders, setHeader, removeHeader } = res
  const hold: Hold = {
    ...options,
    inner: { writeHead, write, end, flushHeaders, setHeader, removeHeader },
    phase: 'idle',
    headed: false,
    ended: false,
    status: 200,
    calls: [],
    bytes: 0,
    full: false,
  }
  Object.assign(res, { [holdKey]: hold, ...heldMembers })
  Object.defineProperties(res, heldGetters)
}

const heldMembers = {
  writeHead(this: Held, ...args: unknown[]): Response {
    const { phase, inner, headed } = this[holdKey]
    if (phase === 'dropped') return this
    if (phase === 'open') return call(this, inner.writeHead, args) as Response
    if (headed || phase === 'held') throw headersSent('write')
    applyHead(this, args)
    this[holdKey].headed = true
    return this
  },
  write(this: Held, ...args: unknown[]): boolean {
    const hold = this[holdKey]
    if (hold.phase === 'dropped') return true
    if (hold.phase === 'open') return call(this, hold.inner.write, args) as boolean
    refuseChunk(args[0])
    enqueue(this, ['write', args])
    hold.full ||= hold.bytes > mostHeld
    return !hold.full
  },
  end(this: Held, ...args: unknown[]): Response {
    const hold = this[holdKey]
    if (hold.phase === 'dropped') return this
    if (hold.phase === 'open') {
      call(this, hold.inner.end, args)
      finish(hold, true)
      return this
    }
    if (args[0] !== null && args[0] !== undefined && typeof args[0] !== 'function') {
      refuseChunk(args[0])
    }
    if (!hold.ended) hold.status = this.statusCode
    enqueue(this, ['end', args])
    hold.ended = true
    return this
  },
  flushHeaders(this: Held): void {
    const hold = this[holdKey]
    if (hold.phase === 'dropped') return
    if (hold.phase === 'open') call(this, hold.inner.flushHeaders, [])
    else enqueue(this, ['flushHeaders', []])
  },
  setHeader(this: Held, ...args: unknown[]): Response {
    guardHeaders(this, 'set')
    return call(this, this[holdKey].inner.setHeader, args) as Response
  },
  removeHeader(this: Held, ...args: unknown[]): void {
    guardHeaders(this, 'remove')
    call(this, this[holdKey].inner.removeHeader, args)
  },
}

const heldGetters: PropertyDescriptorMap = {
  headersSent: getter((res) => {
    const { phase, headed } = res[holdKey]
    if (phase === 'idle') return headed
    return phase !== 'open' || inherited(res, 'headersSent')
  }),
  writableEnded: getter((res) => res[holdKey].ended || inherited(res, 'writableEnded')),
  writableNeedDrain: getter((res) => {
    const { phase, full } = res[holdKey]
    return phase === 'open' ? inherited(res, 'writableNeedDrain') : full
  }),
}

function getter(read: (res: Held) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    get(this: Held) {
      return read(this)
    },
  }
}

/** What Node's own member says, which ours covers. */
function inherited(res: Held, name: string): unknown {
  return Reflect.get(Object.getPrototypeOf(res), name, res)
}

function call(res: Held, member: unknown, args: readonly unknown[]): unknown {
  return Reflect.apply(member as (...given: unknown[]) => unknown, res, args)
}

function guardHeaders(res: Held, verb: string): void {
  const { phase, headed } = res[holdKey]
  if (phase === 'held' || (phase === 'idle' && headed)) throw headersSent(verb)
}

function enqueue(res: Held, entry: Call): void {
  const hold = res[holdKey]
  hold.calls.push(entry)
  hold.bytes += 16 + sizeOf(entry[1][0])
  if (hold.phase === 'held') return
  hold.phase = 'held'
  // Not now: code that runs synchronously after this call is still saved.
  process.nextTick(release, res)
}

function sizeOf(chunk: unknown): number {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk.length : 0
}

async function release(res: Held): Promise<void> {
  const hold = res[holdKey]
  try {
    const cookie = await hold.commit()
    if (cookie) addCookie(res, cookie)
  } catch (error) {
    giveUp(res, error)
    return
  }
  replay(res)
}

/** Beside the cookies that are set already. */
function addCookie(res: Held, line: string): void {
  const given = res.getHeader('Set-Cookie') ?? []
  const lines = Array.isArray(given) ? given : [String(given)]
  call(res, res[holdKey].inner.setHeader, ['Set-Cookie', [...lines, line]])
}

function replay(res: Held): void {
  const hold = res[holdKey]
  const { calls, inner, full } = hold
  const { ended } = hold
  hold.phase = 'open'
  hold.ended = false
  if (ended) res.statusCode = hold.status
  let flowing = true
  for (const [name, args] of calls) {
    if (call(res, inner[name], args) === false && name === 'write') flowing = false
  }
  calls.length = 0
  if (full && flowing) res.emit('drain')
  if (ended) finish(hold, false)
}

function finish(hold: Hold, streamed: boolean): void {
  const { sent } = hold
  delete hold.sent
  sent?.(streamed)
}

/** The held answer is dropped. An ended one leaves a clean response; a stream's writer writes into the void. */
function giveUp(res: Held, error: unknown): void {
  const hold = res[holdKey]
  const { ended, inner } = hold
  hold.calls.length = 0
  hold.ended = false
  hold.headed = false
  hold.phase = 'open'
  for (const name of res.getHeaderNames()) if (isAboutBody(name)) res.removeHeader(name)
  res.statusMessage = ''
  if (ended) {
    hold.failed(error)
    return
  }
  res.statusCode = statusOf(error)
  res.setHeader('Retry-After', '2')
  call(res, inner.end, [])
  hold.phase = 'dropped'
  hold.failed(error)
}

function isAboutBody(name: string): boolean {
  return /^(content-|etag$|last-modified$|cache-control$|expires$|location$|transfer-encoding$)/.test(
    name,
  )
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : 503
}
