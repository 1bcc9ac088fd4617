/**
 * The redis store: the keys, lives and texts of connect-redis, so that both read each other's sessions.
 * This file loads the drivers and puts the parts together; redis-*.ts are the parts.
 */
import { CatamaranError } from '../../errors.ts'
import type { SessionStore } from '../store.ts'
import { type Driver, loadDriver } from './driver.ts'
import * as clients from './redis-client.ts'
import { createGuard } from './redis-guard.ts'
import { createHealth, type RedisHealth } from './redis-health.ts'
import { borrowLink, createLink, type RedisLink } from './redis-link.ts'
import { keyPages, scannerOf } from './redis-scan.ts'
import { createVerbs } from './redis-verbs.ts'

export interface RedisStoreOptions extends clients.RedisConnection {
  /** The app's folder, where its own `redis` and `connect-redis` may be. */
  root: string
  /** Put before each id; `sess:` unless given. */
  prefix?: string
  /** A node-redis client of the app's own; it is neither connected, replaced nor closed here. */
  client?: unknown
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  warn(message: string): void
  onDisconnect?: (error: Error) => unknown
  onReconnect?: () => unknown
}

type Redis = Pick<typeof import('redis'), 'createClient'>
type ConnectRedis = Pick<typeof import('connect-redis'), 'RedisStore'>

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
  const { prefix = 'sess:', storeTimeout = 1.5, warn } = options
  const { RedisStore } = await loadDriver(options.root, connectRedisDriver)
  const redact = clients.createRedactor(options)
  const health = createHealth({ ...options, address: clients.addressOf(options), redact })
  const link = await openLink(options, health)
  const guard = createGuard({ link, health, redact, deadline: storeTimeout * 1000 })
  const sessions = new RedisStore({ client: scannerOf(guard, prefix), prefix })
  await link.tried

  return {
    name: 'redis',
    reach: 'nodes',
    ...createVerbs({ guard, prefix, warn }),
    destroy: (id) => sessions.destroy(id),
    async *list() {
      for await (const keys of keyPages(guard, prefix)) {
        for (const key of keys) yield key.slice(prefix.length)
      }
    },
    count: () => sessions.length(),
    clear: () => sessions.clear(),
    async check() {
      await guard.run((redis) => redis.ping())
    },
    close: link.close,
  }
}

async function openLink(options: RedisStoreOptions, health: RedisHealth): Promise<RedisLink> {
  if (options.client !== undefined) return borrowLink(clients.givenClient(options.client), health)
  const { createClient } = await loadDriver(options.root, redisDriver)

  // Options are made afresh each time, since node-redis writes into them.
  return createLink(() => {
    const settings = clients.clientOptions(options)
    try {
      return createClient(settings)
    } catch {
      // What was thrown quotes the url, password included.
      const form = '`url` must look like redis://user:password@host:6379/0'
      throw new CatamaranError('E_STORE_OPTIONS', ['redis', form])
    }
  }, health)
}

function has(loaded: unknown, name: string): boolean {
  return (
    typeof loaded === 'object' && loaded !== null && typeof Reflect.get(loaded, name) === 'function'
  )
}
