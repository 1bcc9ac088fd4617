/**
 * Puts the parts of a redis store together over one guard: our verbs, and connect-redis for what it has.
 * Makes no client and loads no driver: redis.ts and redis-store.ts bring theirs.
 */
import type { SessionStore } from '../store.ts'
import type { RedisGuard } from './redis-guard.ts'
import { keyPages, type Scanned, scannerOf } from './redis-scan.ts'
import { createVerbs } from './redis-verbs.ts'

/** What of connect-redis's store is used. */
export interface ConnectRedis {
  length(): Promise<number>
  clear(): Promise<unknown>
}

/** The class `RedisStore` of connect-redis. */
export type ConnectRedisClass = new (options: { client: object; prefix: string }) => ConnectRedis

interface Parts extends Scanned {
  RedisStore: ConnectRedisClass
  guard: RedisGuard
  warn(message: string): void
  close(): Promise<void>
}

/** Builds the store that keeps texts under `prefix` + id. */
export function assembleStore({ RedisStore, guard, warn, close, ...scanned }: Parts): SessionStore {
  const { prefix } = scanned
  const sessions = new RedisStore({ client: scannerOf(guard, scanned), prefix })

  return {
    name: 'redis',
    reach: 'nodes',
    ...createVerbs({ guard, prefix, warn }),
    async *list() {
      for await (const keys of keyPages(guard, scanned)) {
        for (const key of keys) yield key.slice(prefix.length)
      }
    },
    count: () => sessions.length(),
    async clear() {
      await sessions.clear()
    },
    async check() {
      await guard.run((redis) => redis.ping())
    },
    async risks() {
      const { redisRisks } = await import('./redis-risks.ts')
      return redisRisks(guard)
    },
    close,
  }
}
