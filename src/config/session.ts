/**
 * `config/session.ts`: who signs the cookie, where sessions are kept, how long they live.
 * Takes Sails' flat keys of both ages and our own. Connection defaults by adapter: connection.ts;
 * rules for the secret, which depend on the environment: secret.ts.
 */
import type { IncomingMessage } from 'node:http'
import type * as zod from 'zod'
import { didYouMean } from './closest.ts'
import { type CookieConfig, cookieConfig } from './cookie.ts'
import { alias, fn, keyMeta, later, live, portNumber, seconds } from './kinds.ts'
import { z } from './zod.ts'

/** Reads something off a request that has just come in, over either transport. */
export type RequestTest = (request: IncomingMessage) => unknown

const adapters = ['memory', 'sqlite', 'redis', 'mongo']

/** What Sails apps write for our adapters. */
const sailsAdapters: Readonly<Record<string, string>> = {
  'connect-redis': 'redis',
  '@sailshq/connect-redis': 'redis',
  'connect-mongo': 'mongo',
}

const adapter = z
  .custom<string | object | null>(
    (value) => ['string', 'object', 'function'].includes(typeof value) && value !== '',
    "must be 'memory', 'redis', a store package's name, or a store itself",
  )
  .transform((value, context): string | object => {
    if (typeof value !== 'string') return value ?? 'memory'
    const name = sailsAdapters[value] ?? value
    const hint = adapters.includes(name) ? '' : didYouMean(name, adapters)
    if (hint) context.issues.push({ code: 'custom', input: value, message: `is unknown:${hint}` })
    return name
  })

const connectStore = z.custom<object>(
  (value) => ['object', 'function'].includes(typeof value) && value !== null,
  'must be a Connect store, its class, or a function that gives one',
)
/** What turns a session into text for the store, and back. */
interface Serializer {
  parse(text: string): object | Promise<object>
  stringify(session: object): string
}

function isSerializer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['parse', 'stringify'].every((name) => typeof Reflect.get(value, name) === 'function')
}

/** True when no `db` is set, or one that redis can select. */
function isRedisDb(db: unknown): boolean {
  return db === undefined || /^\d+$/.test(String(db))
}

/** True unless browsers would drop the cookie for its `__Host-` name. */
function isHostCookie({ key, cookie }: { key: string; cookie: CookieConfig }): boolean {
  if (!key.startsWith('__Host-')) return true
  return cookie.secure !== false && cookie.path === '/' && cookie.domain === undefined
}

const secretMissing = 'is missing: put what `catamaran secret` prints into SESSION_SECRET'
const secretText = z.string().min(1, secretMissing)
const tls = z.union([z.boolean(), z.looseObject({})], {
  error: 'must be true, false or an object of TLS options',
})

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
    /** Where sessions are kept; Sails' spellings are brought to ours. */
    adapter: adapter.default('memory'),

    // The connection, flat beside `adapter`. Defaults differ by adapter: `connectionOf` knows them.
    /** Address of the store; wins over host, port, db and password. */
    url: z.string().min(1, 'must be an address such as redis://localhost:6379').optional(),
    /** Urls of some nodes of a redis cluster, in place of `url`; the others are found through them. */
    cluster: z
      .array(z.string().regex(/^rediss?:\/\//, 'must be urls such as redis://localhost:6379'))
      .min(1, 'must name a node')
      .optional(),
    host: z.string().min(1, 'must name a host').optional(),
    port: portNumber().optional(),
    /** A number for redis, a name for mongo. */
    db: z
      .union([z.int().min(0), z.string().min(1)], {
        error: 'must be a number for redis, a name for mongo',
      })
      .optional(),
    /** Password of the store, as Sails spells it for redis. */
    pass: z.string().nullish(),
    username: z.string().nullish(),
    /** Password of the store, as Sails spells it for mongo. */
    password: z.string().nullish(),
    /** Put before the id of a session in redis. */
    prefix: z.string().default('sess:'),
    /** Keys that redis is asked for at a time when all sessions are listed. */
    scanCount: z.int().positive('must be a number of keys above 0').optional(),
    /** Writes and reads sessions in redis otherwise than as JSON, as connect-redis's option does. */
    serializer: z
      .custom<Serializer>(isSerializer, 'must be an object with functions parse and stringify')
      .optional(),
    /** Collection of the sessions in mongo. */
    collection: z.string().min(1, 'must name a collection').default('sessions'),
    /** File of the sessions in sqlite, seen from the app's folder; `.data/sessions.db` when unset. */
    file: z.string().min(1, "must name a file, such as '.data/sessions.db'").optional(),
    /** Store the session as text (`true`) or as a document, in mongo. */
    stringify: z.boolean().default(true),
    tls: tls.optional(),
    /** Another spelling of `tls`. */
    ssl: alias<zod.input<typeof tls>>('tls'),
    auto_reconnect: z.boolean().optional().register(keyMeta, {
      note: 'session.auto_reconnect has no effect: lost connections are always opened again',
    }),
    /** A connected client of the adapter's driver; it is used as it is and never closed. */
    client: live().optional(),
    /** A Connect store, its class, or a function that gives either; it wins over `adapter`. */
    store: connectStore.optional(),
    /** Builds the store itself: called with these settings, what `adapter` names, and express-session. */
    handleConstructingSessionStore: fn<(...given: unknown[]) => unknown>().optional(),
    onRedisDisconnect: fn<() => unknown>().optional(),
    onRedisReconnect: fn<() => unknown>().optional(),

    /** Idle life in **seconds**, unless `cookie.maxAge` is set; a day when neither is. */
    ttl: seconds().optional(),
    /** An unchanged session is renewed at most once in this many **seconds**; a tenth of its life when unset. */
    touchAfter: z.number().min(0, 'must be seconds, 0 or more').optional(),
    resave: z.boolean().default(false).register(keyMeta, {
      note: 'session.resave has no effect: an unchanged session is renewed without being written',
    }),
    /** Store sessions that hold no data; on by default in the Sails profile. */
    saveUninitialized: z.boolean().default(false),
    /** Send the cookie again with every answer. */
    rolling: z.boolean().default(false),
    /** Trust `X-Forwarded-Proto` for secure cookies; unset: what `http.trustProxy` says. */
    proxy: z.boolean().optional(),
    /** Makes the ids; must give 128 random bits or more. */
    genid: fn<(request: IncomingMessage) => string>().optional(),
    /** What `req.session = null` does to the stored session. */
    unset: z.enum(['keep', 'destroy']).default('keep'),
    /** True for requests that get no session. */
    isSessionDisabled: fn<RequestTest>().optional(),
    routesDisabled: later('is gone: write isSessionDisabled(req), which answers true or false'),

    /** Field that names the user: when it is set or changes, the id is rotated. */
    user: z.string().min(1, "must name a field, such as 'userId'").optional(),
    /** Fields that merge otherwise than by the later change. */
    merge: z.record(z.string(), z.enum(['counter', 'union', 'atomic'])).default({}),
    /** All a request may wait for the store, in **seconds**. */
    storeTimeout: z.number().positive('must be seconds above 0').default(1.5),
    /** When the store does not answer: `fail` with 503, or go on as `anonymous`. */
    onStoreError: z.enum(['fail', 'anonymous']).default('fail'),
    /** Largest session, in bytes of JSON. */
    maxBytes: z.int().positive('must be bytes above 0').default(65_536),

    previous: later(),
    absolute: later(),
    limit: later(),
    public: later(),
    data: later(),
    hashIds: later(),
    encrypt: later(),
  })
  .refine(({ adapter, db }) => adapter !== 'redis' || isRedisDb(db), {
    path: ['db'],
    error: 'must be a number for redis',
  })
  .refine(isHostCookie, {
    path: ['key'],
    error:
      "begins with __Host-, so browsers want cookie: { secure: true, path: '/' } and no domain",
  })

/** What an app writes in `config/session.ts`. */
export type SessionConfigInput = Partial<zod.input<typeof sessionConfig>>

/** What the framework reads. */
export type SessionConfig = zod.output<typeof sessionConfig>
