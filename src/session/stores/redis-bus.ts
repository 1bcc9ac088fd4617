/**
 * A bus between nodes: two more connections to the Redis of some settings, one to publish and one to listen.
 * Redis that is away costs messages, nothing else: nobody waits for it, and it is listened to again when it is
 * back. Knows nothing of what the messages say.
 */
import { CatamaranError } from '../../errors.ts'
import * as clients from './redis-client.ts'
import { nodesOf } from './redis-cluster.ts'
import { createHeartbeat } from './redis-heartbeat.ts'
import { createLink, type RedisLink } from './redis-link.ts'
import { createListeners, type ListeningClient } from './redis-listeners.ts'

export interface RedisBusOptions extends clients.RedisConnection {
  /** A node-redis client of the app's own: it is duplicated, and used for nothing else. */
  client?: unknown
  /** Makes a client of our own. */
  createClient(options: ReturnType<typeof clients.clientOptions>): BusClient
  warn(message: string): void
  /** Messages may have been lost, and come again. */
  onBack(): void
}

/** What is asked of a client beside what the store asks. */
export type BusClient = clients.RedisClient &
  ListeningClient & {
    publish(channel: string, message: string | Buffer): Promise<unknown>
    sendCommand?(words: readonly string[]): Promise<unknown>
  }

export interface RedisBus {
  /** Takes the place of a node-redis client that publishes. */
  readonly publisher: object
  /** Takes the place of a node-redis client that subscribes. */
  readonly subscriber: object
  close(): Promise<void>
}

/** **Milliseconds** until a Redis that does not let it listen is asked again. */
const refusedPause = 5_000

/** Opens the bus; resolves when the first attempts to connect have ended, well or not. */
export async function openRedisBus(options: RedisBusOptions): Promise<RedisBus> {
  const health = createBusHealth(options)
  const speaking = createLink(clientMaker(options), health.of('publisher'))
  const hearing = createHearing(options, health)
  const heartbeat = createHeartbeat([speaking, hearing.link])
  await Promise.all([speaking.tried, hearing.link.tried])

  return {
    publisher: publisherOn(speaking),
    subscriber: hearing.subscriber,
    async close() {
      heartbeat.stop()
      hearing.stop()
      await Promise.all([speaking.close(), hearing.link.close()])
    },
  }
}

/** A Redis that lets it in, but not listen, as its ACL may have it, is asked again after a while. */
function createHearing(options: RedisBusOptions, health: BusHealth) {
  const listeners = createListeners()
  let again: NodeJS.Timeout | undefined
  const link: RedisLink<BusClient> = createLink(
    clientMaker(options),
    health.of('subscriber', listen),
  )

  /** Whether it hears everything now. */
  async function listen(): Promise<boolean> {
    const client = link.current()
    if (!client) return false
    const heard = await listeners.moveTo(client, (error) => fail(client, error))
    return heard && client === link.current()
  }

  function fail(client: BusClient, error: unknown): void {
    if (!client.isReady) {
      link.drop(client, error)
      return
    }
    health.down('subscriber', error)
    clearTimeout(again)
    again = setTimeout(retry, refusedPause).unref()
  }

  async function retry(): Promise<void> {
    if (await listen()) health.up('subscriber')
  }

  return {
    link,
    subscriber: { ...listeners.subscriber, ...mute },
    stop: () => clearTimeout(again),
  }
}

/** Whoever gets these clients listens for errors; the links have done that already. */
const mute = { on: () => {}, off: () => {} }

function publisherOn(link: RedisLink<BusClient>): object {
  return {
    ...mute,
    // By these two it is told from other drivers' clients.
    pSubscribe() {},
    sSubscribe() {},
    async publish(channel: string, message: string | Buffer) {
      const client = link.current()
      // Nobody who publishes looks at what comes of it; a failure has been told by the link.
      await client?.publish(channel, message).catch((error: unknown) => {
        if (!client.isReady) link.drop(client, error)
      })
    },
    async sendCommand(words: readonly string[]) {
      const client = link.current()
      if (!client?.sendCommand) throw new Error('Redis is away')
      return client.sendCommand(words)
    },
  }
}

/**
 * Any server of a cluster passes messages on to all others, so one connection is enough: to the first that
 * answers, so that all nodes are found on the same.
 */
function clientMaker(options: RedisBusOptions): () => BusClient {
  const { client, cluster, createClient, ...connection } = options
  if (client !== undefined) return () => duplicateOf(clients.givenClient(client))
  const places = cluster ? nodesOf(cluster, connection) : [connection]
  let tries = 0
  return () => {
    const place = places[tries++ % places.length] ?? connection
    return createClient(clients.clientOptions(place))
  }
}

/** @throws {CatamaranError} `E_STORE_OPTIONS` for a pool of clients, which has no connection that could listen */
function duplicateOf(client: clients.RedisClient): BusClient {
  const duplicate: (() => BusClient) | undefined = Reflect.get(client, 'duplicate')
  if (duplicate) return duplicate.call(client)
  const words = 'no node can listen on a pool as `client`: name a `url` in config/sockets too'
  throw new CatamaranError('E_STORE_OPTIONS', ['redis', words])
}

type BusHealth = ReturnType<typeof createBusHealth>

/** One line in the log when either connection goes, one when both are back. */
function createBusHealth({ warn, onBack, ...options }: RedisBusOptions) {
  const redact = clients.createRedactor(options)
  const away = new Set<string>()
  const where = options.client === undefined ? ` at ${clients.addressOf(options)}` : ''

  function down(name: string, error: unknown): void {
    if (away.size === 0) {
      const why = redact(error).message
      warn(
        `Redis${where} carries nothing between nodes now (${why}): what happens on others shows late`,
      )
    }
    away.add(name)
  }

  function up(name: string): void {
    if (!away.delete(name) || away.size > 0) return
    warn(`Redis${where} carries messages between nodes again`)
    onBack()
  }

  return {
    down,
    up,
    /** @param isThere - whether a connection that has just been made serves */
    of: (name: string, isThere = async () => true) => ({
      reason: undefined,
      down: (error: unknown) => down(name, error),
      up() {
        void isThere().then((there) => there && up(name))
      },
      refused() {},
      partly: () => {},
      back: () => Promise.resolve(),
    }),
  }
}
