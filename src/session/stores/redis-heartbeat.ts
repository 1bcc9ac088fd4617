/**
 * Finds connections that went without a word: one that only listens would never notice.
 */
import type { RedisClient } from './redis-client.ts'
import type { RedisLink } from './redis-link.ts'

/** **Milliseconds** between two beats, and how long an answer may take. */
const pace = 5_000
const limit = 2_000

/** Asks each link's connection now and then whether it is there, and gives up the one that doesn't answer. */
export function createHeartbeat(links: readonly RedisLink<RedisClient>[]): { stop(): void } {
  function beat(): void {
    for (const link of links) {
      const client = link.current()
      if (client) check(link, client)
    }
  }

  const timer = setInterval(beat, pace).unref()
  return { stop: () => clearInterval(timer) }
}

function check(link: RedisLink<RedisClient>, client: RedisClient): void {
  // A cluster that an app brought looks after its connections itself.
  if (typeof client.ping !== 'function') return
  const late = setTimeout(() => {
    link.drop(client, new Error(`no answer within ${limit} ms`))
  }, limit).unref()
  client.ping().then(
    () => clearTimeout(late),
    (error: unknown) => {
      clearTimeout(late)
      link.drop(client, error)
    },
  )
}
