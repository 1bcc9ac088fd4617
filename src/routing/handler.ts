/**
 * What runs for a request: actions and policies have one shape, on both doors.
 */
import type { Readable } from 'node:stream'
import type { NextFunction, Request, Response } from 'express'
import { Session } from '../session/session.ts'

// What these add to Express's req and res reaches an app through the types of its actions.
export type {} from './requests.ts'
export type {} from './responses.ts'

/** An action or a policy. What an action returns is its answer; a policy calls `next`. */
export type Handler = (req: Request, res: Response, next: NextFunction) => unknown

/** Whether a value can be called as a handler: a function, but no class. */
export function isHandler(value: unknown): value is Handler {
  return typeof value === 'function' && !isClass(value)
}

/** A class looks like a function until it is called without `new`. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

/** Whether a returned value is an answer; else the action answers by `res`, now or later. */
export function isAnswer(value: unknown, res: Response): boolean {
  return value !== res && value !== res.req && isResult(value)
}

/**
 * Whether a value was meant, or is only what some call gave back, as in `return setTimeout(…)`,
 * `return stream.on(…)` and `return req.session.destroy(callback)`.
 */
export function isResult(value: unknown): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === Array.prototype) return true
  if (Session.callsBack(value)) return false
  return can(value, 'toJSON') || isUnread(value) || !(isTimer(value) || isEmitter(value))
}

/** A stream that nobody reads, or has asked to be told when there is something to read. */
export function isUnread(value: object): value is Readable {
  if (!can(value, 'pipe') || !isEmitter(value)) return false
  const stream = value as Readable
  return stream.readableFlowing === null && reading.every((name) => !stream.listenerCount(name))
}

const reading = ['data', 'readable', 'end', 'open', 'ready']

/** A promise of any library, or a query that runs when it is waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && can(value, 'then')
}

function isTimer(value: object): boolean {
  return can(value, 'ref') && can(value, 'unref')
}

function isEmitter(value: object): boolean {
  return can(value, 'on') && can(value, 'emit')
}

function can(value: object, method: string): boolean {
  return typeof Reflect.get(value, method) === 'function'
}
