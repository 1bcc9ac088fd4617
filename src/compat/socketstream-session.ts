/**
 * `ss.session`: where sessions are kept and how their cookie is made, as SocketStream's app.js says it, and
 * the one engine that serves both its transports.
 */

import { CatamaranError } from '../errors.ts'
import { createDropInEngines, type DropInEngine } from '../session/dropin-engine.ts'
import type { Session } from '../session/session.ts'
import type { SessionStore } from '../session/store.ts'
import { type ConnectStore, isConnectStore } from '../session/stores/connect-calls.ts'
import { ConnectFace } from '../session/stores/connect-face.ts'
import { MemoryStore } from '../session/stores/memory-store.ts'
import { lateStore, openRedis, type RedisConfig, refuseUnknown } from './socketstream-redis.ts'

/** A request's session: its methods, and an app's own data. */
export type StreamSession = Session & Record<string, unknown>

/** What `ss.session.options` holds. */
export interface SocketStreamSessionOptions {
  /** **Milliseconds**; `null`: the cookie ends with the browser. */
  maxAge: number | null
  /** Signs the cookie; without one nothing starts, so that a secret left out of the environment shows. */
  secret: string | undefined
  httpOnly: boolean
  secure: boolean
}

export interface SocketStreamSession {
  readonly store: {
    /** Chooses `redis`, or a Connect store of one's own, before the first request. */
    use(store: 'redis' | ConnectStore, config?: RedisConfig): ConnectStore
    get(): ConnectStore
  }
  readonly options: SocketStreamSessionOptions
}

/** SocketStream's own, for cookies that are signed by it. */
const sampleSecret = 'SocketStream'
/** **Seconds** a session lives unused: the 30 days that SocketStream's document names. */
const thirtyDays = 2_592_000

export interface SessionPart extends SocketStreamSession {
  /** The engine; from its first use on, store and options are fixed. */
  engine(): DropInEngine
  /** @throws {CatamaranError} `E_ADAPTER_MISSING`, `E_STORE_OPTIONS`; never because the store is down */
  opened(): Promise<void>
  close(): Promise<void>
}

/** @param behindProxy - believe `X-Forwarded-Proto`, for cookies that are `secure` */
export function createSession(warn: (message: string) => void, behindProxy: boolean): SessionPart {
  const options: SocketStreamSessionOptions = {
    maxAge: null,
    secret: sampleSecret,
    httpOnly: true,
    secure: false,
  }
  let chosen: ConnectStore | undefined
  let ttl = thirtyDays
  let opening: Promise<SessionStore> | undefined
  let own: SessionStore | undefined
  let engine: DropInEngine | undefined

  function use(store: 'redis' | ConnectStore, config: RedisConfig = {}): ConnectStore {
    if (engine) throw new CatamaranError('E_STORE_OPTIONS', ['session', 'it is in use already'])
    if (store === 'redis') {
      refuseUnknown(config)
      ttl = config.ttl ?? thirtyDays
      opening = openRedis(config, warn)
      own = lateStore(opening)
      chosen = new ConnectFace(own, { ttl })
      return chosen
    }
    if (!isConnectStore(store)) {
      throw new CatamaranError('E_STORE_OPTIONS', [String(store), 'it has no get, set and destroy'])
    }
    chosen = store
    return chosen
  }

  function get(): ConnectStore {
    chosen ??= new MemoryStore() as ConnectStore
    return chosen
  }

  function createEngine(): DropInEngine {
    if (process.env['NODE_ENV'] === 'production') warnOf(options, chosen, warn)
    const { secret, ...cookie } = options
    if (!secret)
      throw new CatamaranError('E_STORE_OPTIONS', [
        'SocketStream',
        'ss.session.options.secret is empty, `npx catamaran secret` prints one',
      ])
    const proxy = behindProxy || undefined
    const sessions = { secret, cookie, ttl, proxy, resave: false, saveUninitialized: true }
    const speech = { deprecate() {}, say: warn, proxyOption: 'trustProxy' }
    const engineFor = createDropInEngines(sessions, get(), speech)
    return engineFor({} as never) as DropInEngine
  }

  return {
    store: { use, get },
    options,
    engine() {
      engine ??= createEngine()
      return engine
    },
    async opened() {
      await opening
    },
    async close() {
      await own?.close()
    },
  }
}

function warnOf(
  { secret }: SocketStreamSessionOptions,
  store: ConnectStore | undefined,
  warn: (message: string) => void,
): void {
  if (!store) {
    warn("sessions are kept in memory and end with this process: ss.session.store.use('redis')")
  }
  if (secret === sampleSecret) {
    warn('cookies are signed by a secret that everybody knows: set ss.session.options.secret')
  }
}
