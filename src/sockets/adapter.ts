/**
 * The adapter that `config/sockets` names, or that the session's own Redis makes possible. Each is loaded
 * only when it is used.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connectionOf } from '../config/connection.ts'
import type { Config } from '../config/schema.ts'
import type { SessionConfig } from '../config/session.ts'
import { CatamaranError } from '../errors.ts'
import { resolveFrom } from '../session/stores/driver.ts'

/** What `io.adapter()` takes. */
export interface OpenAdapter {
  readonly create: unknown
  /** Closes what was opened for it, in place of Socket.IO's own way. */
  close?(): Promise<void>
}

/** What says where the other nodes are. */
export type Place = Pick<Config, 'sockets' | 'session' | 'root'>

export interface AdapterOptions {
  readonly config: Place
  warn(message: string): void
  /** Messages of other nodes may have been lost. */
  onBack(): void
}

/** Whether the sessions are in a Redis that the config tells how to reach. */
function isOnRedis({ adapter, store, handleConstructingSessionStore }: SessionConfig): boolean {
  return adapter === 'redis' && !store && !handleConstructingSessionStore
}

/**
 * Opens the adapter; `undefined` where none is named and none goes without saying.
 *
 * @throws {CatamaranError} `E_SOCKET_ADAPTER`, `E_ADAPTER_MISSING`, `E_STORE_OPTIONS`
 */
export async function openAdapter(options: AdapterOptions): Promise<OpenAdapter | undefined> {
  const { sockets, session, root } = options.config
  const adapter = sockets.adapter ?? (isOnRedis(session) ? 'redis' : 'memory')
  if (adapter === 'memory') return undefined
  if (adapter === 'redis') return openRedis(options)
  if (typeof adapter !== 'function') {
    return { create: await namedAdapter(adapter, sockets.adapterOptions, root) }
  }
  if (!isConstructor(adapter)) {
    const why = 'it is an arrow function or a method, which Socket.IO cannot call with new'
    throw new CatamaranError('E_SOCKET_ADAPTER', [adapter.name || 'function', why])
  }
  return { create: adapter }
}

/** Asks without running it. */
function isConstructor(given: object): boolean {
  try {
    Reflect.construct(Object, [], given as NewableFunction)
    return true
  } catch {
    return false
  }
}

/**
 * How the sockets reach a Redis, where they do so otherwise than the sessions: a place of their own, or the
 * session's under another name.
 *
 * @throws {CatamaranError} `E_STORE_OPTIONS` for a name or `tls` beside a `session.client`, which has its own
 */
export function ownRedisOf({ sockets, session }: Place) {
  const adapter = sockets.adapter ?? (isOnRedis(session) ? 'redis' : 'memory')
  if (adapter !== 'redis') return undefined
  const isNamed = sockets.url ?? sockets.host ?? sockets.port ?? sockets.cluster
  if (isNamed !== undefined || !isOnRedis(session)) return connectionIn(sockets)
  if (!loginOf(sockets) && sockets.tls === undefined) return undefined
  if (session.client === undefined) return enteredBy(sockets, connectionIn(session))
  const words =
    'config/sockets has a login or tls, and `session.client` its own: name a `url` or `host` there too'
  throw new CatamaranError('E_STORE_OPTIONS', ['redis', words])
}

/** The name and password are taken together. Sails' templates write '' where nothing is meant. */
function loginOf({ username, pass, password }: Config['sockets']) {
  if (!username && !pass && !password) return undefined
  return { username, pass, password }
}

/** A place of the session's; channels are the same in each `db`. */
function enteredBy(sockets: Config['sockets'], place: ReturnType<typeof connectionIn>) {
  const { url, cluster, tls } = place
  const login = loginOf(sockets)
  if (!login) return { ...place, tls: sockets.tls }
  const bare = { url: url && withoutLogin(url), cluster: cluster?.map(withoutLogin) }
  return { ...place, ...bare, ...login, tls: sockets.tls ?? tls }
}

function withoutLogin(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/]*@/, '$1')
}

/** By the connection that the sockets have, else by the session's. */
async function openRedis({ config, warn, onBack }: AdapterOptions): Promise<OpenAdapter> {
  const { session, root } = config
  const own = ownRedisOf(config)
  const [{ createAdapter }, { createRedisBus }] = await Promise.all([
    import('@socket.io/redis-adapter'),
    import('../session/stores/redis.ts'),
  ])
  const at = own ?? connectionIn(session)
  const bus = await createRedisBus({
    ...(connectionOf({ ...session, ...at, adapter: 'redis' }) as object),
    root,
    client: own ? undefined : session.client,
    warn,
    onBack,
  })
  return { create: createAdapter(bus.publisher, bus.subscriber), close: bus.close }
}

function connectionIn(place: Config['sockets'] | SessionConfig) {
  const { url, cluster, host, port, db, username, pass, password, tls } = place
  return { url, cluster, host, port, db, username, pass, password, tls }
}

/**
 * Takes a package of Socket.IO's, or any module that exports `createAdapter`, as the app's folder sees it.
 *
 * @throws {CatamaranError} `E_SOCKET_ADAPTER`
 */
async function namedAdapter(name: string, options: unknown, root: string): Promise<unknown> {
  const path = resolveFrom(join(root, 'package.json'), name)
  if (path === undefined) {
    throw new CatamaranError('E_SOCKET_ADAPTER', [name, `it is not installed: npm install ${name}`])
  }
  const loaded: unknown = await import(pathToFileURL(path).href)
  const create =
    memberOf(loaded, 'createAdapter') ?? memberOf(memberOf(loaded, 'default'), 'createAdapter')
  if (typeof create !== 'function') {
    throw new CatamaranError('E_SOCKET_ADAPTER', [name, 'it exports no createAdapter'])
  }
  return options === undefined ? create() : create(options)
}

function memberOf(value: unknown, name: string): unknown {
  const has = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return has ? Reflect.get(value, name) : undefined
}
