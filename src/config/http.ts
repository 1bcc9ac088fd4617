/**
 * `config/http.ts`: proxies, static files, request bodies and the order of middleware.
 * The port is a top-level value (app.ts). Building the middleware is the HTTP door's work.
 */
import type { NextFunction, Request, Response } from 'express'
import type * as zod from 'zod'
import { didYouMean } from './closest.ts'
import { fn } from './kinds.ts'
import { valueAt } from './layers.ts'
import { z } from './zod.ts'

/** The order in which built-in middleware runs unless the app sets `http.middleware.order`. */
export const middlewareOrder = [
  'requestId',
  'helmet',
  'health',
  'static',
  'cookies',
  'session',
  'body',
  'router',
  'notFound',
  'error',
] as const

/** The name of a built-in middleware. */
export type BuiltIn = (typeof middlewareOrder)[number]

/** A middleware of the app's own. Written as a method so that handlers typed for Express fit too. */
export type Middleware = {
  run(req: Request, res: Response, next: NextFunction): unknown
}['run']

/** The order, and beside it the app's own functions by name. One named like a built-in replaces it. */
export interface MiddlewareConfig {
  readonly order: readonly string[]
  readonly [name: string]: Middleware | readonly string[] | undefined
}

/** What Sails calls our built-ins. */
const sailsNames: Readonly<Record<string, BuiltIn>> = {
  cookieParser: 'cookies',
  bodyParser: 'body',
  www: 'static',
  '404': 'notFound',
  '500': 'error',
}

/** Sails' middleware that has no counterpart here. */
const withoutCounterpart = new Set([
  'compress',
  'poweredBy',
  'favicon',
  'startRequestTimer',
  'handleBodyParserError',
  'methodOverride',
  '$custom',
])

/** These two end the walk: an app may replace them, not do without. */
const last: readonly BuiltIn[] = ['notFound', 'error']

const middleware = z
  .looseObject({
    /** Names of the middleware in the order in which it runs; the usual one when unset. */
    order: z.array(z.string()).optional(),
  })
  // For the types alone: what is no function is told below.
  .catchall(z.custom<Middleware | readonly string[] | undefined>())
  .transform((given, context): MiddlewareConfig => {
    const { order: givenOrder, ...functions } = given
    const own: Record<string, Middleware> = {}
    for (const [name, value] of Object.entries(functions)) {
      if (isMiddleware(value)) own[sailsNames[name] ?? name] = value
      else context.issues.push(issue([name], value, 'must be a function (req, res, next)'))
    }
    const known = [...middlewareOrder, ...Object.keys(own)]
    const order: string[] = []
    for (const [index, name] of (givenOrder ?? middlewareOrder).entries()) {
      const ours = sailsNames[name] ?? name
      if (known.includes(ours)) order.push(ours)
      else if (!withoutCounterpart.has(name)) {
        const advice = didYouMean(name, known) || ' give http.middleware a function of that name'
        context.issues.push(issue(['order', index], name, `is no middleware:${advice}`))
      }
    }
    return { ...own, order: [...new Set([...order.filter((name) => !isLast(name)), ...last])] }
  })

const sizeWords = "must be bytes above 0, or text such as '100kb'"

/** The schema of `config/http.ts`. */
export const httpConfig = z.strictObject({
  /** Which proxies may say who the client is: Express's `trust proxy`. */
  trustProxy: z
    .union(
      [
        z.boolean(),
        z.int().min(1),
        z.string().min(1),
        z.array(z.string().min(1)),
        fn<(address: string, distance: number) => boolean>(),
      ],
      { error: 'must be true, false, a number of proxies from 1, addresses, or a function' },
    )
    .default(false),
  /** Functions `(req, res, next)` of the app by name, and their order. */
  middleware: middleware.prefault({}),
  /** Folder of files served as they are; `false`: none. */
  static: z
    .union([z.string().min(1), z.literal(false)], { error: 'must name a folder, or be false' })
    .default('assets'),
  /** Whether links in that folder may lead out of it. */
  staticLinks: z.boolean().default(false),
  /** How long browsers may keep static files, in **milliseconds** (as in Sails). */
  cache: z.number().min(0, 'must be milliseconds, 0 or more').default(0),
  /**
   * How long an app that is to stop goes on answering, in **seconds**, with 503 at `/health/ready`: a load
   * balancer looks elsewhere meanwhile.
   */
  grace: z.number().min(0, 'must be seconds, 0 or more').default(0),
  /** Largest request body, in bytes or as text: `'100kb'`. */
  bodyLimit: z
    .union([z.int().positive(), z.string().regex(/^\d+(\.\d+)? *(b|kb|mb|gb)$/i, sizeWords)], {
      error: sizeWords,
    })
    .default('100kb'),
})

/** What an app writes in `config/http.ts`. */
export type HttpConfigInput = zod.input<typeof httpConfig>

/** What the framework reads. */
export type HttpConfig = zod.output<typeof httpConfig>

/** Words for the log about middleware that is named but does nothing. */
export function middlewareNotes(http: HttpConfig, given: unknown): string[] {
  const asked = valueAt(given, ['middleware', 'order'])
  const { order, ...own } = http.middleware
  const dropped = (Array.isArray(asked) ? asked : []).filter(
    (name) => withoutCounterpart.has(name) && !own[name],
  )
  const idle = Object.keys(own).filter((name) => !order.includes(name))
  return [
    ...dropped.map(
      (name) => `http.middleware.order: ${name} has no counterpart here, it is left out`,
    ),
    ...idle.map((name) => `http.middleware.${name} never runs: name it in http.middleware.order`),
  ]
}

function isMiddleware(value: unknown): value is Middleware {
  return typeof value === 'function'
}

function isLast(name: string): boolean {
  return last.some((ending) => ending === name)
}

function issue(path: (string | number)[], input: unknown, message: string) {
  return { code: 'custom', path, input, message } as const
}
