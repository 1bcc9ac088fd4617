/**
 * What an action's `req` has beyond Express, the same on both doors.
 */
import type { Request } from 'express'
import { isPlain } from '../config/layers.ts'

declare global {
  // Express leaves this interface open for exactly this.
  namespace Express {
    interface Request {
      /** Whether this is an event of a socket. */
      readonly isSocket: boolean
      /** Whether the caller wants no page: over a socket, by XHR, or by its `Accept` header. */
      readonly wantsJSON: boolean
      /** One value of the path, the body or the query, in this order; else `fallback`. */
      param(name: string, fallback?: unknown): unknown
      /** All values: those of the query, over them the body's, over these the path's. */
      allParams(): Record<string, unknown>
    }
  }
}

/** Gives an Express app's own `app.request` these members; never meant for the one all apps share. */
export function installRequest(prototype: object): void {
  Object.defineProperties(prototype, {
    isSocket: { value: false, ...open },
    wantsJSON: { get: wantsJSON, configurable: true },
    param: { value: param, ...open },
    allParams: { value: allParams, ...open },
  })
}

const open = { writable: true, configurable: true }

function wantsJSON(this: Request): boolean {
  return this.isSocket || this.xhr || this.accepts(['json', 'html']) !== 'html'
}

function param(this: Request, name: string, fallback?: unknown): unknown {
  for (const values of [this.params, this.body, this.query]) {
    if (isPlain(values) && Object.hasOwn(values, name)) {
      const value = values[name]
      if (value !== undefined && value !== null) return value
    }
  }
  return fallback
}

function allParams(this: Request): Record<string, unknown> {
  const body: unknown = this.body
  return { ...this.query, ...(isPlain(body) ? body : {}), ...this.params }
}
