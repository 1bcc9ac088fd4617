/**
 * Walking over the keys of one prefix, page by page, each page a command of its own: one SCAN pattern and
 * one DEL for all would not bear a hung server, a large store, a cluster or a `*` in the prefix.
 */
import type { RedisNode } from './redis-client.ts'
import type { RedisGuard } from './redis-guard.ts'

/** Whose keys, and how many are asked for at a time. */
export interface Scanned {
  prefix: string
  /** 500 unless given. */
  scanCount?: number | undefined
}

/** Keys asked for, or deleted, at a time. */
const pageSize = 500

/** Gives the keys that begin with `prefix`, in pages; one may come twice while others are added. */
export async function* keyPages(
  guard: RedisGuard,
  { prefix, scanCount = pageSize }: Scanned,
): AsyncGenerator<string[]> {
  const match = { MATCH: `${prefix.replace(/[\\*?[\]^]/g, '\\$&')}*`, COUNT: scanCount }
  for (const node of await serversOf(guard)) {
    let cursor = '0'
    do {
      const page = await guard.run((redis) => (node ?? redis).scan(cursor, match))
      cursor = page.cursor
      yield page.keys
    } while (cursor !== '0')
  }
}

/** The masters of a cluster, each by itself; `undefined` stands for a server without others. */
export function serversOf(guard: RedisGuard): Promise<(RedisNode | undefined)[]> {
  return guard.run(async (redis) => {
    if (!redis.masters || !redis.nodeClient) return [undefined]
    return Promise.all(redis.masters.map((master) => redis.nodeClient?.(master)))
  })
}

/** Runs `work` on each key, many at a time, in one round trip where they lie on one server. */
export async function eachKey<T>(
  guard: RedisGuard,
  keys: readonly string[],
  work: (redis: Pick<Redis, 'mGet' | 'del'>, key: string) => Promise<T>,
): Promise<T[]> {
  const results: T[] = []
  for (let from = 0; from < keys.length; from += pageSize) {
    const some = keys.slice(from, from + pageSize)
    results.push(...(await guard.run((redis) => Promise.all(some.map((key) => work(redis, key))))))
  }
  return results
}

type Redis = Parameters<Parameters<RedisGuard['run']>[0]>[0]

/** The client that connect-redis is given: guarded, and only what it needs to count and to remove. */
export function scannerOf(guard: RedisGuard, scanned: Scanned) {
  return {
    scanIterator: () => keyPages(guard, scanned),
    async del(keys: string[]): Promise<void> {
      await eachKey(guard, keys, (redis, key) => redis.del(key))
    },
  }
}
