/**
 * An answer on hold: what is remembered of it, and how its own members are reached under ours.
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
