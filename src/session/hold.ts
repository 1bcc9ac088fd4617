/**
 * Holds an answer until the session is committed: nothing of it leaves before, not even the status line.
 * Works on any `ServerResponse`, HTTP/1.1 or HTTP/2, through its public members. Knows no session.
 */

import {
  type Call,
  call,
  callBack,
  type Held,
  type HoldOptions,
  holdKey,
  inherited,
  type Response,
} from './held.ts'
import { applyHead, headersSent, refuseChunk, refuseStatus } from './hold-checks.ts'
import { finish, release } from './hold-release.ts'

/** Bytes held at most before writers are told to wait; each write counts 16 more. */
const mostHeld = 60 * 1024

/** Puts the response on hold. From now on its first byte waits for `commit`. */
export function holdAnswer(res: Response, options: HoldOptions): void {
  const { writeHead, write, end, flushHeaders, flush, on } = res
  const { setHeader, appendHeader, removeHeader } = res
  const held = res as Held
  held[holdKey] = {
    // Field by field: a spread takes longer than the rest of this.
    commit: options.commit,
    failed: options.failed,
    rescue: options.rescue,
    guardCaches: options.guardCaches,
    sent: options.sent,
    inner: {
      writeHead,
      write,
      end,
      flushHeaders,
      flush,
      on,
      setHeader,
      appendHeader,
      removeHeader,
    },
    phase: 'idle',
    headed: false,
    ended: false,
    status: undefined,
    calls: [],
    bytes: 0,
    full: false,
    error: undefined,
  }
  cover(held)
  if (flush) held.flush = heldFlush
}

/** One by one: V8 knows such stores beforehand, where Object.assign takes longer than the rest of the hold. */
function cover(res: Record<keyof typeof members, unknown>): void {
  res.writeHead = members.writeHead
  res.write = members.write
  res.end = members.end
  res.flushHeaders = members.flushHeaders
  res.setHeader = members.setHeader
  res.appendHeader = members.appendHeader
  res.removeHeader = members.removeHeader
  Object.defineProperty(res, 'headersSent', getters.headersSent)
  Object.defineProperty(res, 'writableEnded', getters.writableEnded)
  Object.defineProperty(res, 'writableNeedDrain', getters.writableNeedDrain)
}

/** Whether the response has been put on hold, and by that has its session. */
export function isHeld(res: object): boolean {
  return holdKey in res
}

const members = {
  writeHead(this: Held, ...args: unknown[]): Response {
    const hold = this[holdKey]
    if (hold.phase === 'dropped') return this
    if (hold.phase === 'open') return call(this, hold.inner.writeHead, args) as Response
    if (hold.headed || hold.phase === 'held') throw headersSent('write')
    applyHead(this, args)
    hold.headed = true
    hold.status = this.statusCode
    return this
  },
  write(this: Held, ...args: unknown[]): boolean {
    const hold = this[holdKey]
    if (hold.phase === 'dropped') callBack(hold, args)
    if (hold.phase === 'dropped') return true
    if (hold.phase === 'open') return call(this, hold.inner.write, args) as boolean
    refuseChunk(args)
    // Node ends the process for a write after the end; express-session lets it fall.
    if (hold.ended) return true
    enqueue(this, ['write', args])
    hold.full ||= hold.bytes > mostHeld
    return !hold.full
  },
  end(this: Held, ...given: unknown[]): Response {
    const hold = this[holdKey]
    // Node ends the process for a chunk in a second end; express-session lets it fall.
    const args = hold.ended ? given.filter((value) => typeof value === 'function') : given
    if (hold.phase === 'dropped') {
      callBack(hold, args)
    } else if (hold.phase === 'open') {
      call(this, hold.inner.end, args)
      hold.ended = true
      finish(hold, true)
    } else {
      if (args[0] !== null && args[0] !== undefined && typeof args[0] !== 'function') {
        refuseChunk(args)
      }
      enqueue(this, ['end', args])
      hold.ended = true
    }
    return this
  },
  flushHeaders(this: Held): void {
    passOrHold(this, 'flushHeaders')
  },
  setHeader(this: Held, ...args: unknown[]): unknown {
    guardHeaders(this, 'set')
    return call(this, this[holdKey].inner.setHeader, args)
  },
  appendHeader(this: Held, ...args: unknown[]): unknown {
    guardHeaders(this, 'append')
    return call(this, this[holdKey].inner.appendHeader, args)
  },
  removeHeader(this: Held, ...args: unknown[]): void {
    guardHeaders(this, 'remove')
    call(this, this[holdKey].inner.removeHeader, args)
  },
}

/** Where compression stands before the session. */
function heldFlush(this: Held): void {
  passOrHold(this, 'flush')
}

const getters = {
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

function guardHeaders(res: Held, verb: string): void {
  const { phase, headed } = res[holdKey]
  if (phase === 'held' || (phase === 'idle' && headed)) throw headersSent(verb)
}

function passOrHold(res: Held, name: 'flushHeaders' | 'flush'): void {
  const { phase, inner } = res[holdKey]
  if (phase === 'dropped') return
  if (phase === 'open') call(res, inner[name], [])
  else enqueue(res, [name, []])
}

function enqueue(res: Held, entry: Call): void {
  const hold = res[holdKey]
  if (hold.phase === 'idle') {
    refuseStatus(res)
    hold.status ??= res.statusCode
    hold.phase = 'held'
    // Not now: code that runs synchronously after this call is still saved.
    process.nextTick(release, res)
  }
  hold.calls.push(entry)
  hold.bytes += 16 + sizeOf(entry[1][0])
}

function sizeOf(chunk: unknown): number {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk.length : 0
}
