/**
 * `config/security.ts`: security headers; CORS and CSRF as far as they are there.
 */
import type * as zod from 'zod'
import { later } from './kinds.ts'
import { z } from './zod.ts'

/** The schema of `config/security.ts`. */
export const securityConfig = z.strictObject({
  /** Options of helmet; `false`: no security headers. */
  helmet: z
    .union([z.literal(false), z.looseObject({})], {
      error: 'must be an object of helmet options, or false',
    })
    .default({}),
  csrf: later(),
  cors: z
    .strictObject({
      allRoutes: later(),
      allowOrigins: later(),
      allowCredentials: later(),
      allowRequestMethods: later(),
      allowRequestHeaders: later(),
      allowResponseHeaders: later(),
    })
    .optional(),
})

/** What an app writes in `config/security.ts`. */
export type SecurityConfigInput = zod.input<typeof securityConfig>

/** What the framework reads. */
export type SecurityConfig = zod.output<typeof securityConfig>
