/**
 * The link to Redis: which client to use now, if any.
 * No option of node-redis bounds a server that hangs, so a client of ours serves until its first
 * failure or missed deadline and is then replaced; a client that the app passed in is only watched.
 */
import type { RedisClient } from './redis-client.ts'
import type { RedisHealth } from './redis-health.ts'

export interface RedisLink<C extends RedisClient = RedisClient> {
  /** The client to use now; `undefined` while there is no connection. */
  current(): C | undefined
  /** Gives up on a client that did not answer in time. */
  drop(client: C, error: unknown): void
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly tried: Promise<void>
  close(): Promise<void>
}

/** A connection with its greeting may take this long (milliseconds): a hung server accepts, but says nothing. */
const greetingLimit = 1_500

/** **Milliseconds** before attempt `n`: soon at first, then twice a second, jittered for fleets of nodes. */
export const pause = (n: number) => Math.min(50 * 2 ** n, 500) + Math.random() * 100

/**
 * Keeps a connection of our own alive; its timers do not keep the process alive.
 *
 * @param mend - for a client that, once connected, looks after its connections itself (a cluster's): what to
 *   do when it kept a command waiting, in place of giving it up
 */
export function createLink<C extends RedisClient>(
  create: () => C,
  health: RedisHealth,
  mend?: (client: C) => void,
): RedisLink<C> {
  let client: C | undefined
  let connected = false
  let attempts = 0
  let retry: NodeJS.Timeout | undefined

  async function connect(fresh: C): Promise<void> {
    client = fresh
    if (mend) fresh.on('node-error', health.partly)
    fresh.on('error', (error) => mend || drop(fresh, error))
    const late = () => drop(fresh, new Error('no answer to the greeting'))
    const limit = setTimeout(late, greetingLimit).unref()
    try {
      await fresh.connect()
      if (client !== fresh) return
      connected = true
      attempts = 0
      health.up()
    } catch (error) {
      drop(fresh, error)
    } finally {
      clearTimeout(limit)
    }
  }

  function drop(failed: C, error: unknown): void {
    if (failed !== client) return
    client = undefined
    connected = false
    health.down(error)
    failed.destroy()
    retry = setTimeout(() => connect(create()), pause(attempts++)).unref()
  }

  return {
    tried: connect(create()),
    current: () => (connected ? client : undefined),
    drop: (failed, error) => (mend ? mend(failed) : drop(failed, error)),
    async close() {
      clearTimeout(retry)
      const last = client
      client = undefined
      if (last && connected)
        await Promise.race([last.close().catch(() => {}), sleep(greetingLimit)])
      last?.destroy()
    },
  }
}

/** Watches a client that the app made, connects and closes itself. */
export function borrowLink(client: RedisClient, health: RedisHealth): RedisLink {
  const onError = (error: unknown) => health.down(error)
  const onReady = () => health.up()
  const isReady = () => client.isReady ?? client.isOpen
  client.on('error', onError)
  client.on('ready', onReady)
  if (isReady()) health.up()
  let open = true

  return {
    tried: Promise.resolve(),
    current: () => (open && isReady() ? client : undefined),
    drop: (_, error) => health.down(error),
    async close() {
      open = false
      client.off('error', onError)
      client.off('ready', onReady)
    },
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref())
