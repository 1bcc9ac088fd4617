/**
 * The app: the only place that builds things. Loads the configuration and the conventions of a folder,
 * and joins the rooms: store → sessions → walk → the two doors.
 */

import { createSails, type Sails } from './compat/sails.ts'
import { type LoadOptions, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { CatamaranError } from './errors.ts'
import { createHttpApp, createHttpDoor, type HttpDoor } from './http/door.ts'
import { createLog, type Log, shortHash } from './log.ts'
import { createErrorAnswer } from './routing/failures.ts'
import { loadRouting } from './routing/load.ts'
import type { Router } from './routing/routes.ts'
import { createCookies } from './session/cookies.ts'
import { createEngine, type Engine } from './session/engine.ts'
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
  const { router, notes: fileNotes } = await loadRouting(config.root, config).catch((error) => {
    sails?.remove()
    throw error
  })
  let running: Promise<Running> | undefined

  async function lift(): Promise<Lifted> {
    for (const note of [...notes, ...fileNotes]) log.warn(note)
    running ??= open({ config, router, log, clock: options.clock ?? Date.now, sails })
    try {
      const { port, store } = await running
      return describe(config, port, store)
    } catch (error) {
      running = undefined
      sails?.remove()
      throw error
    }
  }

  async function lower(): Promise<void> {
    const opened = await running?.catch(() => undefined)
    await opened?.close()
    running = undefined
    sails?.remove()
  }

  return { config, sources, router, log, lift, lower }
}

interface Running {
  readonly port: number
  readonly store: SessionStore
  /** Closes doors and store; however often it is called, it happens once. */
  close(): Promise<void>
}

interface Parts {
  readonly config: Config
  readonly router: Router
  readonly log: Log
  readonly clock: Clock
  readonly sails: Sails | undefined
}

async function open(parts: Parts): Promise<Running> {
  const { config, log, clock } = parts
  const warn = (message: string) => log.warn(message)
  // The sockets stand on the sessions, and the sessions tell them when one ends.
  let sockets: SocketDoor | undefined
  const report = createReport(log, (ending) => sockets?.end(ending))
  const engine = await createEngine(config, { clock, warn, report })
  const { store } = engine
  try {
    if (store.name === 'memory' && config.environment === 'production') {
      warn('sessions are in memory: a restart logs everyone out, and no other process knows them')
    }
    const doors = createDoors(engine, parts)
    sockets = doors.sockets
    const port = await doors.http.listen()
    let closed: Promise<void> | undefined
    const close = () => {
      closed ??= closeAll(doors, store)
      return closed
    }
    return { port, store, close }
  } catch (error) {
    await store.close()
    throw error
  }
}

interface Doors {
  readonly http: HttpDoor
  readonly sockets: SocketDoor
}

function createDoors(
  { sessions, store, secrets }: Engine,
  { config, router, log, sails }: Parts,
): Doors {
  const warn = (message: string) => log.warn(message)
  const answerError = createErrorAnswer({ production: config.environment === 'production' })
  const walk = createWalk({
    router,
    answerError,
    onError: (error, req) => tell(log, error, req.id),
  })
  const app = createHttpApp(config)
  const common = { config, sessions, walk, attachCookies: createCookies(secrets) }
  const http = createHttpDoor(app, { ...common, ready: () => store.check() })
  const onError = (error: unknown) => tell(log, error)
  const sockets = createSocketDoor({ ...common, app, server: http.server, warn, onError })
  sails?.connect(createRooms(sockets.io, warn))
  return { http, sockets }
}

/** Both doors at once: a socket under way may need HTTP, and the reverse. Then the store. */
async function closeAll({ http, sockets }: Doors, store: SessionStore): Promise<void> {
  await Promise.all([http.close(patience), sockets.close(patience)])
  await store.close()
}

/** An outage is told by the store itself, once; here a line without its stack is enough. */
function tell(log: Log, error: unknown, id?: string): void {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof CatamaranError && error.status === 503) log.warn({ id }, message)
  else log.error({ err: error, id }, message)
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
