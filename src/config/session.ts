/**
 * `config/session.ts`: who signs the cookie, where sessions are kept, how long they live.
 * Takes Sails' flat keys of both ages and our own. Where sessions are kept: store-keys.ts;
 * rules for the secret, which depend on the environment: secret.ts.
 */
import type { IncomingMessage } from 'node:http'
import type * as zod from 'zod'
import { cookieConfig } from './cookie.ts'
import { cookieFaults } from './cookie-rules.ts'
import { dataSchema, type FieldName } from './data-schema.ts'
import { alias, fn, keyMeta, later, seconds } from './kinds.ts'
import { fieldName, publicConfig } from './public.ts'
import { atRestKeys, dbFault, hasFittingDb, previousConfig, storeKeys } from './store-keys.ts'
import { z } from './zod.ts'

/** Reads something off a request that has just come in, over either transport. */
export type RequestTest = (request: IncomingMessage) => unknown

const secretMissing = 'is missing: put what `catamaran secret` prints into SESSION_SECRET'
const secretText = z.string().min(1, secretMissing)

/** The schema of `config/session.ts`. */
export const sessionConfig = z
  .strictObject({
    /** Signs the cookie. Of several the first signs and all verify. 32 characters or more. */
    secret: z.union([secretText, z.array(secretText).min(1)], {
      error: ({ input }) =>
        input === undefined ? secretMissing : 'must be text in quotes, or a list of such texts',
    }),
    /** Name of the cookie. Apps that share a host name need one each. */
    key: z
      .string()
      .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be a cookie name: letters, digits, dots, dashes')
      .default('sails.sid'),
    /** Another spelling of `key`; `key` counts when both are set. */
    name: alias<string>('key'),
    /** Attributes of the cookie. */
    cookie: cookieConfig.prefault({}),
    // Where sessions are kept, flat: `adapter`, `url`, `host` and their like.
    ...storeKeys,

    /** Idle life in **seconds**, unless `cookie.maxAge` is set; a day when neither is. */
    ttl: seconds().optional(),
    /** **Seconds** a session lives from its beginning, however often it is visited; no end when unset. */
    absolute: seconds().optional(),
    /** An unchanged session is renewed at most once in this many **seconds**; a tenth of its life when unset. */
    touchAfter: z.number().min(0, 'must be seconds, 0 or more').optional(),
    resave: z.boolean().default(false).register(keyMeta, {
      note: 'session.resave has no effect: an unchanged session is renewed without being written',
    }),
    /** Store sessions that hold no data; on by default in the Sails profile. */
    saveUninitialized: z.boolean().default(false),
    /** Send the cookie again with every answer. */
    rolling: z.boolean().default(false),
    /** Believe `X-Forwarded-Proto` for the cookie, or not; unset: what `http.trustProxy` says. */
    proxy: z.boolean().optional(),
    /** Makes the ids; must give 128 random bits or more. */
    genid: fn<(request: IncomingMessage) => string>().optional(),
    /** What `req.session = null` does to the stored session. */
    unset: z.enum(['keep', 'destroy']).default('keep'),
    /** True for requests that get no session. */
    isSessionDisabled: fn<RequestTest>().optional(),
    routesDisabled: later('is gone: write isSessionDisabled(req), which answers true or false'),

    /** Field that names the user: when it is set or changes, the id is rotated. */
    user: fieldName("must name a field, such as 'userId'").optional(),
    /** Fields that merge otherwise than by the later change. */
    merge: z.record(z.string(), z.enum(['counter', 'union', 'atomic'])).default({}),
    /** All a request may wait for the store, in **seconds**. */
    storeTimeout: z.number().positive('must be seconds above 0').default(1.5),
    /** When the store does not answer: `fail` with 503, or go on as `anonymous`. */
    onStoreError: z.enum(['fail', 'anonymous']).default('fail'),
    /** Largest session, in bytes of JSON. */
    maxBytes: z.int().positive('must be bytes above 0').default(65_536),
    ...atRestKeys,
    /** The store used before: a session not found is looked up there and moved, so nobody is logged out. */
    previous: previousConfig.optional(),
    limit: later(),
    /** Fields that all pages of a session are told of, at once when they change: `session:changed`. */
    public: publicConfig.optional(),
    /** What a session holds: a zod schema, or any that follows Standard Schema. It must not be async. */
    data: dataSchema().optional(),
    /** Version of the data; records of older ones are migrated when they are read. */
    version: z.int().positive('must be a whole number above 0').optional(),
    /** Brings data of an older version (0: of none) to this one: changes it or gives new data. */
    migrate: fn<(data: Record<string, unknown>, from: number) => unknown>().optional(),
  })
  .refine(hasFittingDb, dbFault)
  .check(({ value, issues }) => {
    for (const { path, advice } of cookieFaults(value)) {
      issues.push({ code: 'custom', input: value, path: [...path], message: advice })
    }
  })

type Written = Partial<zod.input<typeof sessionConfig>>

/** What an app writes in `config/session.ts`. Fields it names are fields it declares, where it declares any. */
export interface SessionConfigInput extends Omit<Written, 'user' | 'public' | 'merge'> {
  user?: FieldName | undefined
  public?: FieldName[] | undefined
  merge?: { [Field in FieldName]?: 'counter' | 'union' | 'atomic' } | undefined
}

/** What the framework reads. */
export type SessionConfig = zod.output<typeof sessionConfig>
