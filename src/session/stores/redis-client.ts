/**
 * What the redis store asks of a node-redis client, and how an app's settings become its options.
 * Imports no driver: that is redis.ts.
 */
import { CatamaranError } from '../../errors.ts'
import { createRedactor as redactor } from './redact.ts'

/** The part of a node-redis client (5 or newer, single server or cluster) that the store uses. */
export interface RedisClient extends RedisNode {
  /** A pool of clients has none: what is known of it is whether it was opened. */
  readonly isReady?: boolean
  readonly isOpen: boolean
  /** Only a cluster has them. */
  readonly masters?: readonly ClusterNode[]
  nodeClient?(master: ClusterNode): Promise<RedisNode>
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
  connect(): Promise<unknown>
  close(): Promise<unknown>
  destroy(): unknown
  get(key: string): Promise<string | null>
  mGet(keys: string[]): Promise<(string | null)[]>
  getEx(key: string, life: { type: 'EX'; value: number }): Promise<string | null>
  set(key: string, text: string, options: NewKey): Promise<string | null>
  expire(key: string, seconds: number): Promise<number>
  pTTL(key: string): Promise<number>
  getDel(key: string): Promise<string | null>
  del(key: string): Promise<number>
  eval(script: string, input: ScriptInput): Promise<unknown>
  evalSha(sha: string, input: ScriptInput): Promise<unknown>
  ping(): Promise<unknown>
}

/** One server: what SCAN walks over, and who tells how it is set up. */
export interface RedisNode {
  info(): Promise<string>
  configGet(name: string): Promise<Readonly<Record<string, string>>>
  scan(cursor: string, options: { MATCH: string; COUNT: number }): Promise<ScanPage>
}

/** A node of a cluster; without a client it has not been asked yet. */
export interface ClusterNode {
  readonly host: string
  readonly port: number
  client?: { ping(): Promise<unknown>; destroy(): unknown } | undefined
}

interface ScanPage {
  cursor: string
  keys: string[]
}

interface NewKey {
  expiration?: { type: 'EX'; value: number }
  condition: 'NX'
}

interface ScriptInput {
  keys: string[]
  arguments: string[]
}

/** Where Redis is and how to get in; what is not given is node-redis's default (localhost, 6379, 0). */
export interface RedisConnection {
  host?: string
  port?: number
  /** The database's number. */
  db?: number | string
  username?: string
  password?: string
  /** `redis://`, `rediss://` or `unix://`; what it names wins over the other settings. */
  url?: string
  /** Urls of some nodes of a cluster; in place of `url`, `host` and `port`. */
  cluster?: readonly string[] | undefined
  /** `true`, or the options of Node's `tls.connect`. */
  tls?: boolean | object
}

const methods = ['get', 'getEx', 'set', 'expire', 'del', 'eval', 'evalSha', 'on', 'off'] as const

/**
 * Takes the client that an app made itself.
 *
 * @throws {CatamaranError} `E_STORE_OPTIONS` when it is not node-redis (ioredis has other methods)
 */
export function givenClient(client: unknown): RedisClient {
  if (isRedisClient(client)) return client
  throw new CatamaranError('E_STORE_OPTIONS', [
    'redis',
    '`client` must be a client of the package `redis`, version 5 or newer',
  ])
}

function isRedisClient(client: unknown): client is RedisClient {
  if (typeof client !== 'object' || client === null) return false
  return methods.every((method) => typeof Reflect.get(client, method) === 'function')
}

/**
 * Gives node-redis's options for a client that serves until its first failure (redis-link.ts makes
 * the next one), refuses commands while offline and sets no deadlines of its own (the guard does).
 *
 * @throws {CatamaranError} `E_STORE_OPTIONS` when `db` is not a number
 */
export function clientOptions(connection: RedisConnection) {
  const { host, port, db = 0, username, password, url, tls } = connection
  const database = Number(db)
  if (!Number.isInteger(database) || database < 0) {
    throw new CatamaranError('E_STORE_OPTIONS', ['redis', `\`db\` must be a number, not "${db}"`])
  }
  const secure = tls !== undefined && tls !== false
  return {
    url: secure ? url?.replace(/^redis:/, 'rediss:') : url,
    username,
    password,
    database,
    disableOfflineQueue: true,
    // Nothing here needs version 3, and proxies that know no HELLO are served too.
    RESP: 2 as const,
    maintNotifications: 'disabled' as const,
    commandOptions: { timeout: undefined },
    socket: {
      host,
      port,
      ...(typeof tls === 'object' ? tls : {}),
      // With a url its scheme decides; node-redis refuses to hear it twice.
      ...(secure && url === undefined ? { tls: true as const } : {}),
      connectTimeout: 1_000,
      reconnectStrategy: false as const,
    },
  }
}

/** Where the store is, for logs: never a user name or a password. */
export function addressOf({
  host = 'localhost',
  port = 6379,
  url,
  cluster,
}: RedisConnection): string {
  if (cluster) return cluster.map((node) => addressOf({ url: node })).join(', ')
  if (url === undefined) return `${host}:${port}`
  const parts = URL.parse(url)
  return parts ? parts.host || parts.pathname : 'the given url'
}

/**
 * Makes a function that turns whatever a driver threw into an error fit for logs: without the
 * password, and without arguments that Redis echoes (an id may be among them).
 */
export function createRedactor({ password, url = '', cluster = [] }: RedisConnection) {
  const secrets = [password, ...[url, ...cluster].map((each) => URL.parse(each)?.password)]
  return redactor(secrets, ({ message }) => message.replace(/, with args beginning with:.*/s, ''))
}
