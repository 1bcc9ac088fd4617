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
import { openStore } from '../session/stores/open.ts'

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

/** What `use('redis', …)` takes: the options of connect-redis of that time. */
export interface RedisConfig {
  host?: string
  port?: number
  pass?: string
  db?: number
  prefix?: string
  /** **Seconds** a session lives unused whose cookie has no `maxAge`. */
  ttl?: number
  /** A connected client of today's `redis`. */
  client?: object
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
  close(): Promise<void>
}

export function createSession(warn: (message: string) => void): SessionPart {
  const options: SocketStreamSessionOptions = {
    maxAge: null,
    secret: sampleSecret,
    httpOnly: true,
    secure: false,
  }
  let chosen: ConnectStore | undefined
  let ttl = thirtyDays
  let own: SessionStore | undefined
  let engine: DropInEngine | undefined

  function use(store: 'redis' | ConnectStore, config: RedisConfig = {}): ConnectStore {
    if (engine) throw new CatamaranError('E_STORE_OPTIONS', ['session', 'it is in use already'])
    if (store === 'redis') {
      ttl = config.ttl ?? thirtyDays
      own = lateStore(openRedis(config, warn))
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
        'ss.session.options.secret is empty',
      ])
    const sessions = { secret, cookie, ttl, resave: false, saveUninitialized: true }
    const engineFor = createDropInEngines(sessions, get(), () => {})
    return engineFor({} as never) as DropInEngine
  }

  return {
    store: { use, get },
    options,
    engine() {
      engine ??= createEngine()
      return engine
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

function openRedis(
  { host, port, pass, db, prefix, client }: RedisConfig,
  warn: (message: string) => void,
): Promise<SessionStore> {
  const place = { ...(host && { host }), ...(port && { port }), ...(prefix && { prefix }) }
  const connection = { ...place, ...(pass && { password: pass }), ...(db !== undefined && { db }) }
  return openStore(
    { adapter: 'redis', connection, client },
    { root: process.cwd(), clock: Date.now, warn },
  )
}

/** A store that is still being opened: whoever asks it waits. */
function lateStore(opening: Promise<SessionStore>): SessionStore {
  // Whoever asks is told.
  opening.catch(() => {})
  return {
    name: 'redis',
    reach: 'nodes',
    read: async (...given) => (await opening).read(...given),
    create: async (...given) => (await opening).create(...given),
    swap: async (...given) => (await opening).swap(...given),
    touch: async (...given) => (await opening).touch(...given),
    destroy: async (...given) => (await opening).destroy(...given),
    async *list() {
      yield* (await opening).list()
    },
    count: async () => (await opening).count(),
    clear: async () => (await opening).clear(),
    check: async () => (await opening).check(),
    close: () => opening.then((store) => store.close()),
  }
}
