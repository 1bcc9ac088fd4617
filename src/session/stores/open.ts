/**
 * From the adapter's name to a store. A store's file is imported only when it is asked for, so that
 * an app on memory loads no driver.
 */
import { resolve } from 'node:path'
import { didYouMean } from '../../config/closest.ts'
import { CatamaranError } from '../../errors.ts'
import type { Clock, SessionStore } from '../store.ts'
import type { ModelerAdapter } from './modeler-open.ts'
import type { MongoConnection } from './mongo-client.ts'
import type { RedisConnection } from './redis-client.ts'
import type { Serializer } from './redis-habits.ts'

/** What `config/session` says about the store, its spellings already normalised. */
export interface StoreSettings {
  /** `memory`, `sqlite`, `redis`, `mongo`, or the name of a module with a Connect store. */
  adapter: string
  /** A Connect store of the app's own: class, factory or instance. */
  store?: unknown
  /** Builds the store from the settings, what `adapter` names, and express-session, as Sails calls it. */
  handleConstructingSessionStore?: (...given: unknown[]) => unknown
  connection?: RedisConnection & MongoConnection & { prefix?: string; stringify?: boolean }
  /** As the app set it: a number for redis, a name for mongo. */
  db?: number | string
  touchAfter?: number
  /** The file of sqlite, seen from the app's folder; `.data/sessions.db` unless given. */
  file?: string
  /** A driver's client that the app made itself. */
  client?: unknown
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  /** Options of connect-redis. */
  scanCount?: number | undefined
  serializer?: Serializer | undefined
  onRedisDisconnect?: (error: Error) => unknown
  onRedisReconnect?: () => unknown
}

export interface StoreContext {
  /** The app's folder, where its own drivers may be. */
  root: string
  clock: Clock
  warn(message: string): void
  /** Tells whether a text belongs to nobody who logged in; a full memory store drops such first. */
  isUserless?(text: string): boolean
}

type Open = (settings: StoreSettings, context: StoreContext) => Promise<SessionStore>

const adapters: Record<string, Open> = {
  memory: async (_, { clock, warn, isUserless }) => {
    const { createMemoryStore } = await import('./memory.ts')
    return createMemoryStore({ clock, isUserless, onWarn: warn })
  },
  redis: async ({ connection, client, storeTimeout, scanCount, serializer, ...hooks }, context) => {
    const { createRedisStore } = await import('./redis.ts')
    const { root, warn } = context
    const { onRedisDisconnect: onDisconnect, onRedisReconnect: onReconnect } = hooks
    const options = { ...connection, client, storeTimeout, scanCount, serializer }
    return createRedisStore({ ...options, root, warn, onDisconnect, onReconnect })
  },
  sqlite: async ({ file, storeTimeout }, { root, clock, warn }) => {
    const { createSqliteStore } = await import('./sqlite.ts')
    const store = createSqliteStore({ file: sqliteFile(root, file), clock, warn, storeTimeout })
    // Its thread is there before the first visitor. A file that is locked now may be free later.
    await store.check().catch(() => {})
    return store
  },
  mongo: async ({ connection, db, touchAfter, client, storeTimeout }, { root, warn }) => {
    const { createMongoStore } = await import('./mongo.ts')
    // With a client of the app's, only a database that it named counts.
    const place = client === undefined ? connection : { ...connection, db }
    return createMongoStore({ ...place, root, client, touchAfter, storeTimeout, warn })
  },
}

/** Where the sqlite store keeps sessions: absolute. */
export function sqliteFile(root: string, file = '.data/sessions.db'): string {
  return resolve(root, file)
}

/**
 * Opens the store that the settings name.
 *
 * @throws {CatamaranError} `E_ADAPTER_UNKNOWN`, `E_ADAPTER_MISSING` or `E_STORE_OPTIONS`; never
 *   because the store is down
 */
export async function openStore(
  settings: StoreSettings,
  context: StoreContext,
): Promise<SessionStore> {
  const { adapter, store, handleConstructingSessionStore: handle } = settings
  const open = Object.hasOwn(adapters, adapter) ? adapters[adapter] : undefined
  if (open && !store && !handle) return open(settings, context)
  if (typeof store === 'object' && store !== null && 'modeler' in store) {
    const { openModelerStore } = await import('./modeler-open.ts')
    const { storeTimeout } = settings
    return openModelerStore(store as ModelerAdapter, { ...context, storeTimeout })
  }
  const hint = store || handle ? '' : didYouMean(adapter, Object.keys(adapters))
  if (hint) throw new CatamaranError('E_ADAPTER_UNKNOWN', [adapter, `:${hint}`])
  const { openConnectStore } = await import('./connect-open.ts')
  return openConnectStore(store ?? adapter, settings, context)
}
