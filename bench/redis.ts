/**
 * The Redis of the bench: one of its own on a free port, and what it was asked.
 */
import { createClient } from 'redis'
import { startRedis } from '../test/support/redis.ts'

export interface BenchRedis {
  readonly port: number
  readonly url: string
  /** The round trips that some work takes, per request: `GETEX 1.00, EVALSHA 1.00`. */
  tripsOf(work: () => Promise<unknown>, requests: number): Promise<string>
  close(): Promise<void>
}

export async function startBenchRedis(): Promise<BenchRedis> {
  const server = await startRedis({ own: true })
  const client = await createClient({ url: server.url }).connect()

  return {
    port: server.port,
    url: server.url,
    async tripsOf(work, requests) {
      await client.configResetStat()
      await work()
      const info = await client.info('commandstats')
      return Object.entries(tripsIn(info))
        .sort()
        .map(([name, calls]) => [name.toUpperCase(), calls / requests] as const)
        .filter(([, each]) => each > 0.005)
        .map(([name, each]) => `${name} ${each.toFixed(2)}`)
        .join(', ')
    },
    async close() {
      await client.close()
      await server.close()
    },
  }
}

/** Commands that came over the network: Redis counts those of a script too. */
function tripsIn(info: string): Record<string, number> {
  const stats = [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
  const calls = Object.fromEntries(stats.map(([, name = '', count]) => [name, Number(count)]))
  const { config: _, info: __, evalsha = 0, ...others } = calls
  // Each swap is a GET and a SET within its script.
  const own = (name: string) => Math.max(0, (others[name] ?? 0) - evalsha)
  return { ...others, get: own('get'), set: own('set'), evalsha }
}
