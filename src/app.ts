/**
 * The app: the only place that builds things. Loads the configuration and the conventions of a folder,
 * and joins the rooms: store → sessions → walk → the two doors.
 */

import { createSails, type Sails } from './compat/sails.ts'
import { type LoadOptions, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { createHttpApp, createHttpDoor, type HttpDoor } from './http/door.ts'
import { createLog, type Log, shortHash } from './log.ts'
import { createErrorAnswer } from './routing/failures.ts'
import { loadRouting } from './routing/load.ts'
import type { Router } from './routing/routes.ts'
import { createCookies } from './session/cookies.ts'
import { createEngine } from './session/engine.ts'
import type { SessionReport } from './session/settings.ts'
import type { Clock, SessionStore } from './session/store.ts'
import { createSocketDoor, type SocketDoor } from './sockets/door.ts'
import { createRooms } from './sockets/rooms.ts'
import { createWalk } from './walk.ts'

/** What stands above the files of the app's folder, and the clock sessions live by. */
export interface AppOptions extends LoadOptions {
  /** For tests that move time. */
  readonly clock?: Clock
}

export interface App {
  readonly config: Config
  /** Dotted path of a value → where it came from. */
  readonly sources: ReadonlyMap<string, string>
  readonly router: Router
  readonly log: Log
  /**
   * Opens the store and both doors. A store that is down does not keep the app from lifting.
   *
   * @throws {CatamaranError} `E_PORT_IN_USE`, `E_PORT_DENIED`, `E_ADAPTER_*`
   */
  lift(): Promise<Lifted>
  /** Lets what is under way finish, then closes everything; calling it again does nothing. */
  lower(): Promise<void>
}

/** An app that answers. */
export interface Lifted {
  readonly url: string
  readonly port: number
  /** The store's name. */
  readonly adapter: string
  readonly environment: string
  /** **Milliseconds** since the process began. */
  readonly milliseconds: number
}

/** **Seconds** that requests under way have to finish when the app is lowered. */
const patience = 10

/**
 * Loads the app in a folder, without opening anything.
 *
 * @throws {CatamaranError} `E_CONFIG`, `E_APP_FILES`: each names everything there is to mend
 */
export async function createApp(root: string, options: AppOptions = {}): Promise<App> {
  const { config, sources, notes } = await loadConfig(root, options)
  const log = createLog(config.log)
  const sails = config.globals.sails ? createSails(config, log) : undefined
  const routing = await loadRouting(config.root, config)
  const { router } = routing
  let running: Running | undefined

  async function lift(): Promise<Lifted> {
    for (const note of [...notes, ...routing.notes]) log.warn(note)
    const opened = await open({ config, router, log, clock: options.clock ?? Date.now, sails })
    try {
      const port = await opened.http.listen()
      running = opened
      return describe(config, port, opened.store)
    } catch (error) {
      await opened.store.close()
      throw error
    }
  }

  async function lower(): Promise<void> {
    const { http, sockets, store } = running ?? {}
    running = undefined
    const closed = http?.close(patience)
    await sockets?.close(patience)
    await closed
    await store?.close()
    sails?.remove()
  }

  return { config, sources, router, log, lift, lower }
}

interface Running {
  readonly store: SessionStore
  readonly http: HttpDoor
  readonly sockets: SocketDoor
}

interface Parts {
  readonly config: Config
  readonly router: Router
  readonly log: Log
  readonly clock: Clock
  readonly sails: Sails | undefined
}

async function open({ config, router, log, clock, sails }: Parts): Promise<Running> {
  const warn = (message: string) => log.warn(message)
  const onError = (error: unknown) => log.error({ err: error }, messageOf(error))
  // The sockets stand on the sessions, and the sessions tell them when one ends.
  let sockets: SocketDoor | undefined
  const report = createReport(log, (ending) => sockets?.end(ending))
  const { sessions, store, secrets } = await createEngine(config, { clock, warn, report })
  if (store.name === 'memory' && config.environment === 'production') {
    warn(
      'sessions are kept in memory: a restart logs everyone out, and no other process knows them',
    )
  }
  const answerError = createErrorAnswer({ production: config.environment === 'production' })
  const walk = createWalk({ router, answerError, onError })
  const app = createHttpApp({ config })
  const attachCookies = createCookies(secrets)
  const ready = () => store.check()
  const common = { config, sessions, walk, attachCookies }
  const http = createHttpDoor(app, { ...common, ready })
  sockets = createSocketDoor({ ...common, app, server: http.server, warn, onError })
  sails?.connect(createRooms(sockets.io, warn))
  return { store, http, sockets }
}

/** Says in the log what happened to sessions; their ids never stand there. */
function createReport(log: Log, ended: SessionReport['ended']): SessionReport {
  return {
    ended,
    dropped: (id) =>
      log.warn(`session ${shortHash(id)}: late changes were dropped, it had ended meanwhile`),
    merged: (id, paths) =>
      log.debug(`session ${shortHash(id)}: changed twice at once: ${paths.join(', ')}`),
    unreadable: (id) =>
      log.warn(`session ${shortHash(id)}: its stored text can't be read; its visitor starts anew`),
    warn: (message) => log.warn(message),
  }
}

function describe(config: Config, port: number, store: SessionStore): Lifted {
  const scheme = config.ssl ? 'https' : 'http'
  const host = config.host?.includes(':') ? `[${config.host}]` : (config.host ?? 'localhost')
  return {
    url: `${scheme}://${host}:${port}`,
    port,
    adapter: store.name,
    environment: config.environment,
    milliseconds: Math.round(performance.now()),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
