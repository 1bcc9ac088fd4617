/**
 * Where a session store listens: the flat connection keys of `config/session`, with the defaults
 * each adapter has of its own. Opens nothing.
 */
import type { StoreConfig } from './store-keys.ts'

/** How to reach a store. `cluster` wins over `url`, `url` over `host`, `port`, `db`, `username` and `password`. */
export interface Connection {
  readonly url: string | undefined
  /** Urls of some nodes of a redis cluster. */
  readonly cluster: readonly string[] | undefined
  readonly host: string
  readonly port: number | undefined
  /** A number for redis, a name for mongo. */
  readonly db: number | string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: boolean | object
  readonly prefix: string
  readonly collection: string
  readonly stringify: boolean
}

/** Ports and databases when the app names none. */
const defaults = {
  redis: { port: 6379, db: 0 },
  mongo: { port: 27_017, db: 'sails' },
} as const

/** Reads the connection keys of a store's config; unset ones get the adapter's defaults. */
export function connectionOf(session: StoreConfig): Connection {
  const { adapter, prefix, collection, stringify } = session
  const own = adapter === 'redis' || adapter === 'mongo' ? defaults[adapter] : undefined
  return {
    url: session.url?.replace(/\/+$/, ''),
    cluster: session.cluster,
    host: session.host ?? 'localhost',
    port: session.port ?? own?.port,
    db: databaseOf(session) ?? own?.db,
    // Sails' templates write '' where nothing is meant.
    username: session.username || undefined,
    password: session.pass || session.password || undefined,
    tls: session.tls ?? false,
    prefix,
    collection,
    stringify,
  }
}

/** A `db` given as text counts for redis, one given as a number for mongo. */
function databaseOf({ adapter, db }: StoreConfig): number | string | undefined {
  if (db === undefined) return undefined
  if (adapter === 'redis') return Number(db)
  return adapter === 'mongo' ? String(db) : db
}
