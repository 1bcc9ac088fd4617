/**
 * `session.cookie`: the attributes of the session cookie, spelt as in express-session.
 * Signing and writing the cookie is the session's work.
 */
import type * as zod from 'zod'
import { z } from './zod.ts'

/** In **milliseconds**; not much further there is no date a cookie could name. */
const century = 100 * 365 * 86_400_000

const dropped = 'must be above 0: browsers drop such a cookie at once'
const isAhead = (date: Date) => date.getTime() > Date.now()

/** The attributes of the session cookie. */
export const cookieConfig = z.strictObject({
  /** Paths the cookie is sent for. */
  path: z
    .string()
    .regex(
      /^\/[!-:=-~]*$/,
      'must start with a slash, without spaces, semicolons and < (and é as %C3%A9)',
    )
    .default('/'),
  /** Keeps scripts in the page from reading the cookie. */
  httpOnly: z.boolean().default(true),
  /** When the browser sends the cookie along from other sites; off by default in the Sails profile. */
  sameSite: z
    .union([z.boolean(), z.enum(['lax', 'strict', 'none', 'auto'])], {
      error: "must be 'lax', 'strict', 'none', 'auto', true or false",
    })
    .default('lax'),
  /** Send the cookie over TLS only; `auto` decides by the connection. */
  secure: z
    .union([z.boolean(), z.literal('auto')], { error: "must be true, false or 'auto'" })
    .default(false),
  /** Life of cookie and session in **milliseconds** (as in express-session); `null`: until the browser closes. */
  maxAge: z
    .union(
      [z.number().positive(dropped).max(century, 'must be a hundred years at most'), z.null()],
      {
        error: 'must be milliseconds above 0, or null for a cookie that ends with the browser',
      },
    )
    .default(null),
  /** A fixed end; `maxAge` is nearly always what is wanted. */
  expires: z
    .union([z.date().refine(isAhead, 'is over: browsers drop such a cookie at once'), z.null()], {
      error: 'must be a Date or null: or set maxAge',
    })
    .optional(),
  /** Host whose subdomains get the cookie too; unset: only the host that set it. */
  domain: z
    .string()
    .regex(/^\.?[\w-]+(\.[\w-]+)*$/, "must be a host's name, such as example.com, and no more")
    .optional(),
  /** Accepted for Express apps; session cookies are always signed. */
  signed: z.literal(true, 'must be true: session cookies are always signed').optional(),
  /** Which cookies a browser drops first when it has too many. */
  priority: z.enum(['low', 'medium', 'high']).optional(),
  /** Keep one cookie per top-level site where the page is embedded (CHIPS). */
  partitioned: z.boolean().optional(),
})

/** What an app writes as `session.cookie`. */
export type CookieConfigInput = zod.input<typeof cookieConfig>

/** What the framework reads. */
export type CookieConfig = zod.output<typeof cookieConfig>
