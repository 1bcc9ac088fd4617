/**
 * Walking over the keys of one prefix, page by page, each page a guarded command of its own:
 * connect-redis sends one SCAN pattern and one DEL for all, which a hung server, a large store,
 * a cluster or a `*` in the prefix would not bear.
 */
import type { RedisGuard } from './redis-guard.ts'

/** Keys asked for, or deleted, at a time. */
const pageSize = 500

/** Gives the keys that begin with `prefix`, in pages; one may come twice while others are added. */
export async function* keyPages(guard: RedisGuard, prefix: string): AsyncGenerator<string[]> {
  const match = { MATCH: `${prefix.replace(/[\\*?[\]^]/g, '\\$&')}*`, COUNT: pageSize }
  const nodes = await guard.run(async (redis) => {
    if (!redis.masters || !redis.nodeClient) return [undefined]
    return Promise.all(redis.masters.map((master) => redis.nodeClient?.(master)))
  })
  for (const node of nodes) {
    let cursor = '0'
    do {
      const page = await guard.run((redis) => (node ?? redis).scan(cursor, match))
      cursor = page.cursor
      yield page.keys
    } while (cursor !== '0')
  }
}

/** The client that connect-redis is given: guarded, and only what it needs to count and to remove. */
export function scannerOf(guard: RedisGuard, prefix: string) {
  return {
    scanIterator: () => keyPages(guard, prefix),
    async del(keys: string[]): Promise<void> {
      for (let from = 0; from < keys.length; from += pageSize) {
        const some = keys.slice(from, from + pageSize)
        await guard.run((redis) => Promise.all(some.map((key) => redis.del(key))))
      }
    },
  }
}
