/**
 * `config/security.ts`: security headers, who may ask from other sites (CORS), and what guards against
 * those who may not (CSRF).
 */
import type * as zod from 'zod'
import { noPattern } from './kinds.ts'
import { z } from './zod.ts'

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    "must be an origin as browsers send it: 'https://example.com', without a path or a slash at the end",
  )
  .refine((text) => !/\/\/.*[*]/.test(text), noPattern)

/** A list, or Sails' text with commas. */
const names = z
  .union([z.string(), z.array(z.string())], {
    error: "must be a list, or a text such as 'GET,PUT'",
  })
  .transform((given) =>
    (typeof given === 'string' ? given.split(',') : given)
      .map((name) => name.trim())
      .filter(Boolean),
  )

/** CORS, for all routes or as `cors` beside a route's target. */
export const corsRules = z
  .strictObject({
    /** The origins whose pages may read answers; `'*'`: all of them, without credentials. */
    allowOrigins: z
      .union([
        z.literal('*'),
        z.string().transform((text) => text.split(/\s*,\s*/)),
        z.array(z.string()),
      ])
      .pipe(z.union([z.literal('*'), z.array(origin)]))
      .default('*'),
    /** Whether their requests may come with the session. */
    allowCredentials: z.boolean().default(false),
    /** Methods they may use. */
    allowRequestMethods: names.default(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE']),
    /** Headers they may send. */
    allowRequestHeaders: names.default(['content-type']),
    /** Headers of answers their pages may read, beside the usual. */
    allowResponseHeaders: names.default([]),
  })
  .refine((rules) => rules.allowOrigins !== '*' || !rules.allowCredentials, {
    path: ['allowCredentials'],
    message: 'cannot be true for all origins: list them in allowOrigins',
  })

/** What CORS allows, read. */
export type CorsRules = zod.output<typeof corsRules>

/** Reads the rules of one route. */
export function readCorsRules(
  given: unknown,
): { readonly rules: CorsRules } | { readonly why: string } {
  const { data, error } = corsRules.safeParse(given)
  if (data) return { rules: data }
  const { path = [], message = '' } = error.issues[0] ?? {}
  return { why: `${path.join('.')} ${message}`.trim() }
}

/** The schema of `config/security.ts`. */
export const securityConfig = z.strictObject({
  /** Options of helmet; `false`: no security headers. */
  helmet: z
    .union([z.literal(false), z.looseObject({})], {
      error: 'must be an object of helmet options, or false',
    })
    .default({}),
  /**
   * Unset: requests that change something must not come from another site. `true`: they must bring a
   * token of the session, too. `false`: neither.
   */
  csrf: z
    .boolean({ error: 'must be true (tokens) or false; unset, other sites are refused' })
    .optional(),
  /** Which pages of other sites may read answers. */
  cors: z
    .strictObject({
      ...corsRules.shape,
      /** Whether this holds for all routes, or only gives the defaults of those with `cors`. */
      allRoutes: z.boolean().default(false),
    })
    .refine((rules) => rules.allowOrigins !== '*' || !rules.allowCredentials, {
      path: ['allowCredentials'],
      message: 'cannot be true for all origins: list them in allowOrigins',
    })
    .prefault({}),
})

/** What an app writes in `config/security.ts`. */
export type SecurityConfigInput = zod.input<typeof securityConfig>

/** What the framework reads. */
export type SecurityConfig = zod.output<typeof securityConfig>
