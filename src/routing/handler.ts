/**
 * What runs for a request: actions and policies have one shape, on both doors.
 */
import type { NextFunction, Request, Response } from 'express'

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
