/**
 * A cluster client of our own: how settings become its options, and how it gets rid of a node that hangs.
 * The client itself finds nodes that come and go; a slot whose node is away fails alone.
 */
import { CatamaranError } from '../../errors.ts'
import { clientOptions, type RedisClient, type RedisConnection } from './redis-client.ts'
import type { RedisHealth } from './redis-health.ts'

/** **Milliseconds** a node may take to answer when one of them kept a command waiting. */
const probeLimit = 250

/**
 * Gives node-redis's options for a cluster of which `urls` name some nodes. Name, password and TLS are the
 * same on all nodes; they stand in the settings or in the first url.
 *
 * @param pause - **milliseconds** before attempt `n` to reach a lost node
 * @throws {CatamaranError} `E_STORE_OPTIONS` for a url that is none, or a database other than 0
 */
export function clusterOptions(
  urls: readonly string[],
  { url: _, host: _host, port: _port, ...connection }: RedisConnection,
  pause: (n: number) => number,
) {
  if (Number(connection.db ?? 0) !== 0) {
    throw new CatamaranError('E_STORE_OPTIONS', ['redis', 'a cluster has only `db` 0'])
  }
  const [first, ...others] = urls.map(partsOf)
  const { username, password, tls } = { ...first, ...dropUnset(connection) }
  const { socket, database: _database, ...options } = clientOptions({ username, password, tls })
  const { host: _own, port: _at, ...line } = socket
  return {
    rootNodes: [first, ...others].flatMap((root) => (root ? [{ socket: root.at }] : [])),
    // A node is reached when one of its slots is asked for: one that hangs holds up nobody else.
    minimizeConnections: true,
    RESP: options.RESP,
    commandOptions: options.commandOptions,
    defaults: { ...options, socket: { ...line, reconnectStrategy: pause } },
  }
}

/** How to reach each of these nodes alone. */
export function nodesOf(urls: readonly string[], connection: RedisConnection): RedisConnection[] {
  const nodes = urls.map(partsOf)
  const { username, password, tls } = { ...nodes[0], ...dropUnset(connection) }
  return nodes.map(({ at }) => ({
    ...at,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
  }))
}

function partsOf(url: string) {
  const parts = URL.parse(url)
  if (!parts?.hostname || !/^rediss?:$/.test(parts.protocol)) {
    const form = '`cluster` must be a list of urls such as redis://host:6379'
    throw new CatamaranError('E_STORE_OPTIONS', ['redis', form])
  }
  return {
    at: { host: parts.hostname.replace(/^\[|\]$/g, ''), port: Number(parts.port || 6379) },
    username: decodeURIComponent(parts.username) || undefined,
    password: decodeURIComponent(parts.password) || undefined,
    tls: parts.protocol === 'rediss:',
  }
}

/** Settings that were given: an absent one leaves what the url says. */
function dropUnset({ username, password, tls }: RedisConnection): RedisConnection {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && tls !== false && { tls }),
  }
}

/**
 * Makes a function that cuts the connections to nodes that do not answer, so that what waits for them fails
 * and the next command for their slots connects anew.
 */
export function createNodeProbe(health: RedisHealth) {
  let busy = false

  async function probe({ masters = [] }: RedisClient): Promise<void> {
    const nodes = masters.filter(({ client }) => client !== undefined)
    const checks = nodes.map(async (node) => {
      const { client } = node
      if (client === undefined || (await answers(client.ping()))) return
      health.partly(new Error(`${node.host}:${node.port} does not answer`))
      // What node-redis itself does with a node it could not reach.
      if (node.client === client) node.client = undefined
      client.destroy()
    })
    await Promise.all(checks)
  }

  return (client: RedisClient): void => {
    if (busy) return
    busy = true
    probe(client).finally(() => {
      busy = false
    })
  }
}

function answers(ping: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, probeLimit, false).unref()
    ping.then(
      () => resolve(true),
      () => resolve(false),
    )
    ping.finally(() => clearTimeout(timer)).catch(() => {})
  })
}
