/**
 * The redis store: the keys, lives and texts of connect-redis, so that both read each other's sessions.
 * This file loads the drivers and puts the parts together; redis-*.ts are the parts.
 */
import { CatamaranError } from '../../errors.ts'
import type { SessionStore } from '../store.ts'
import { type Driver, loadDriver } from './driver.ts'
import { assembleStore, type ConnectRedisClass } from './redis-assemble.ts'
import type { BusClient, RedisBus, RedisBusOptions } from './redis-bus.ts'
import * as clients from './redis-client.ts'
import { clusterOptions, createNodeProbe } from './redis-cluster.ts'
import { createGuard } from './redis-guard.ts'
import { type Serializer, withSerializer } from './redis-habits.ts'
import { createHealth, type RedisHealth } from './redis-health.ts'
import { borrowLink, createLink, pause, type RedisLink } from './redis-link.ts'

export interface RedisStoreOptions extends clients.RedisConnection {
  /** The app's folder, where its own `redis` and `connect-redis` may be. */
  root: string
  /** Put before each id; `sess:` unless given. */
  prefix?: string
  /** Keys asked for at a time when all are walked over; 500 unless given. */
  scanCount?: number
  /** Writes and reads what is stored, as connect-redis's option of that name; JSON unless given. */
  serializer?: Serializer
  /** A node-redis client of the app's own; it is neither connected, replaced nor closed here. */
  client?: unknown
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  warn(message: string): void
  onDisconnect?: (error: Error) => unknown
  onReconnect?: () => unknown
}

type BusOptions = Omit<RedisBusOptions, 'createClient'> & { readonly root: string }
type Redis = Pick<typeof import('redis'), 'createClient' | 'createCluster'>
type ConnectRedis = { RedisStore: ConnectRedisClass }

const packages = { adapter: 'redis', install: 'redis connect-redis' }

const redisDriver: Driver<Redis> = {
  ...packages,
  name: 'redis',
  // createClientPool came with version 5.
  fits: (loaded): loaded is Redis => has(loaded, 'createClient') && has(loaded, 'createClientPool'),
}

const connectRedisDriver: Driver<ConnectRedis> = {
  ...packages,
  name: 'connect-redis',
  fits: (loaded): loaded is ConnectRedis => has(loaded, 'RedisStore'),
}

/**
 * Opens the redis store. A Redis that is down is no error here: the verbs reject until it is there.
 *
 * @throws {CatamaranError} `E_ADAPTER_MISSING` without the packages; `E_STORE_OPTIONS` for settings
 *   of which no client can be made
 */
export async function createRedisStore(options: RedisStoreOptions): Promise<SessionStore> {
  const { prefix = 'sess:', scanCount, serializer, storeTimeout = 1.5, warn } = options
  const { RedisStore } = await loadDriver(options.root, connectRedisDriver)
  const redact = clients.createRedactor(options)
  const health = createHealth({ ...options, address: clients.addressOf(options), redact })
  const link = await openLink(options, health)
  const guard = createGuard({ link, health, redact, deadline: storeTimeout * 1000 })
  const { close } = link
  const store = assembleStore({ RedisStore, guard, prefix, scanCount, warn, close })
  await link.tried
  return serializer ? withSerializer(store, serializer) : store
}

async function openLink(options: RedisStoreOptions, health: RedisHealth): Promise<RedisLink> {
  if (options.client !== undefined) return borrowLink(clients.givenClient(options.client), health)
  const driver = await loadDriver(options.root, redisDriver)
  const { cluster } = options
  if (cluster) {
    const createCluster = () => driver.createCluster(clusterOptions(cluster, options, pause))
    return createLink(createCluster, health, createNodeProbe(health))
  }

  // Options are made afresh each time, since node-redis writes into them.
  return createLink(() => {
    const settings = clients.clientOptions(options)
    return create(() => driver.createClient(settings))
  }, health)
}

function create<C>(make: () => C): C {
  try {
    return make()
  } catch {
    // What was thrown quotes the url, password included.
    const form = '`url` must look like redis://user:password@host:6379/0'
    throw new CatamaranError('E_STORE_OPTIONS', ['redis', form])
  }
}

/**
 * Opens a bus between nodes on the same Redis, or on any other.
 *
 * @throws {CatamaranError} as `createRedisStore`
 */
export async function createRedisBus({ root, ...options }: BusOptions): Promise<RedisBus> {
  const { openRedisBus } = await import('./redis-bus.ts')
  const { client } = options
  const driver = client === undefined ? await loadDriver(root, redisDriver) : undefined
  return openRedisBus({
    ...options,
    createClient: (settings) =>
      create(() => driver?.createClient(settings) as unknown as BusClient),
  })
}

function has(loaded: unknown, name: string): boolean {
  return (
    typeof loaded === 'object' && loaded !== null && typeof Reflect.get(loaded, name) === 'function'
  )
}
