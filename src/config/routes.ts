/**
 * `config/routes.ts`: addresses and what answers them. Only the outer shape is checked here;
 * routing compiles addresses and finds actions.
 */
import type { Request, Response } from 'express'
import type * as zod from 'zod'
import { z } from './zod.ts'

/** What answers an address: an action's name, a function, options, a redirect, or a chain of these. */
export type RouteTarget = string | RouteFunction | RouteOptions | readonly RouteTarget[]

/** A handler in the table itself; written as a method so that handlers typed for Express fit. */
export type RouteFunction = {
  run(req: Request, res: Response, next: (error?: unknown) => void): unknown
}['run']

/** A target with options: `{ action: 'account/login', session: false }`. */
export interface RouteOptions {
  readonly session?: boolean
  readonly activity?: boolean
  readonly skipAssets?: boolean
  readonly csrf?: boolean
  readonly onStoreError?: 'fail' | 'anonymous'
  readonly fn?: RouteFunction
  readonly target?: RouteTarget
  // Other targets, and in Sails apps options of any name.
  readonly [option: string]: unknown
}

const target = z.custom<RouteTarget>(
  (value) =>
    ['string', 'function', 'object'].includes(typeof value) && value !== null && value !== '',
  "must be an action such as 'account/login', a function, an object or a list",
)

/** The schema of `config/routes.ts`. */
export const routesConfig = z.record(z.string(), target)

/** What an app writes in `config/routes.ts`. */
export type RoutesConfigInput = zod.input<typeof routesConfig>

/** What the framework reads. */
export type RoutesConfig = zod.output<typeof routesConfig>
