/**
 * Where sessions are kept: the keys of `config/session.ts` that name a store, beside its other keys or
 * under `previous`. Connection defaults by adapter: connection.ts. Opens nothing.
 */
import type * as zod from 'zod'
import { didYouMean } from './closest.ts'
import { alias, fn, keyMeta, live, portNumber } from './kinds.ts'
import { z } from './zod.ts'

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
    "must be 'memory', 'sqlite', 'redis', 'mongo', a store package's name, or a store itself",
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
export interface Serializer {
  parse(text: string): object | Promise<object>
  stringify(session: object): string
}

function isSerializer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['parse', 'stringify'].every((name) => typeof Reflect.get(value, name) === 'function')
}

const tls = z.union([z.boolean(), z.looseObject({})], {
  error: 'must be true, false or an object of TLS options',
})

/** What names a store. */
export const storeKeys = {
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
  /** Host of the store; `localhost` when unset. */
  host: z.string().min(1, 'must name a host').optional(),
  /** Port of the store; 6379 for redis, 27017 for mongo when unset. */
  port: portNumber().optional(),
  /** Database: a number for redis (0 when unset), a name for mongo (`sails` when unset). */
  db: z
    .union([z.int().min(0), z.string().min(1)], {
      error: 'must be a number for redis, a name for mongo',
    })
    .optional(),
  /** Password of the store, as Sails spells it for redis. */
  pass: z.string().nullish(),
  /** Name of the store's user. */
  username: z.string().nullish(),
  /** Password of the store, as Sails spells it for mongo. */
  password: z.string().nullish(),
  /** Put before the id of a session in redis. */
  prefix: z.string().default('sess:'),
  /** Keys that redis is asked for at a time when all sessions are listed; 500 when unset. */
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
  /** Reach the store over TLS. */
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
  /** Called once each time redis has gone. */
  onRedisDisconnect: fn<() => unknown>().optional(),
  /** Called once each time redis is back. */
  onRedisReconnect: fn<() => unknown>().optional(),
}

/** How the store's owner is kept from reading sessions. */
export const atRestKeys = {
  /** Keep sessions under the SHA-256 of their ids. */
  hashIds: z.boolean().default(false),
  /** Keep texts encrypted (AES-256-GCM) by keys derived from `secret`. */
  encrypt: z.boolean().default(false),
}

/** True unless redis is given a `db` that it can't select. */
export function hasFittingDb({ adapter, db }: { adapter: unknown; db?: unknown }): boolean {
  return adapter !== 'redis' || db === undefined || /^\d+$/.test(String(db))
}

/** What `hasFittingDb` says when it is not so. */
export const dbFault = { path: ['db'], error: 'must be a number for redis' }

/** `session.previous`: the store used before, spelt as this one is. */
export const previousConfig = z
  .strictObject({ ...storeKeys, ...atRestKeys })
  .refine(hasFittingDb, dbFault)
  .refine(({ adapter, store }) => adapter !== 'memory' || store, {
    path: ['adapter'],
    error: "must name the store used before, such as 'sqlite'; memory keeps nothing",
  })

const storeConfig = z.strictObject(storeKeys)
const atRestConfig = z.strictObject(atRestKeys)

/** What the framework reads of the keys that name a store. */
export type StoreConfig = zod.output<typeof storeConfig>

/** What it reads of those that keep sessions from the store's owner. */
export type AtRestConfig = zod.output<typeof atRestConfig>
