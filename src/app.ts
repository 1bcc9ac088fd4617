/**
 * The app: the only place that builds things. Loads the configuration and the conventions of a folder,
 * and joins the rooms: store → sessions → walk → the two doors.
 */

import type { Request } from 'express'
import type { Sails } from './compat/sails.ts'
import { type LoadOptions, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { createHttpApp, createHttpDoor, type HttpDoor } from './http/door.ts'
import { createLog, createReport, type Log, logError } from './log.ts'
import { createErrorAnswer } from './routing/failures.ts'
import { loadRouting } from './routing/load.ts'
import type { Router } from './routing/routes.ts'
import { createCookies } from './session/cookies.ts'
import { createEngine, type Engine } from './session/engine.ts'
import type { Clock, SessionStore } from './session/store.ts'
import type { Ending } from './session/visit.ts'
import { createSocketDoor, type SocketDoor } from './sockets/door.ts'
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
  const sails = config.globals.sails
    ? (await import('./compat/sails.ts')).createSails(config, log)
    : undefined
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
  // The sockets stand on the sessions, and the sessions tell them when one ends.
  let end = (_ending: Ending) => {}
  const report = createReport(log, (ending) => end(ending))
  const engine = await createEngine(config, { clock, warn: report.warn, report })
  const { store } = engine
  try {
    if (store.name === 'memory' && config.environment === 'production') {
      report.warn('sessions are in memory: a restart ends them, and no other process knows them')
    }
    const opened = await openDoors(engine, parts)
    end = opened.sockets.end
    let closed: Promise<void> | undefined
    const close = () => {
      closed ??= closeAll(opened, store)
      return closed
    }
    return { port: opened.port, store, close }
  } catch (error) {
    await store.close()
    throw error
  }
}

interface Doors {
  readonly port: number
  readonly http: HttpDoor
  readonly sockets: SocketDoor
}

async function openDoors(
  { sessions, secrets }: Engine,
  { config, router, log, sails }: Parts,
): Promise<Doors> {
  const production = config.environment === 'production'
  const onError = (error: unknown, req?: Request) => logError(log, error, req?.id)
  const walk = createWalk({
    router,
    answerError: createErrorAnswer({ production, sails: config.globals.sails }),
    onError,
  })
  const attachCookies = createCookies(secrets)
  const app = createHttpApp(config, attachCookies)
  const common = { config, sessions, walk }
  const http = createHttpDoor(app, { ...common, ready: sessions.check })
  const warn = (message: string) => log.warn(message)
  const profile = sails
    ? (await import('./sockets/sails-profile.ts')).createSailsProfile(
        config.sockets.grant3rdPartyCookie,
      )
    : undefined
  sails?.dress(app)
  const sockets = createSocketDoor({
    ...common,
    profile,
    attachCookies,
    app,
    server: http.server,
    warn,
    onError,
  })
  if (sails) {
    const { createRooms } = await import('./sockets/rooms.ts')
    const tolerate = (message: string) => warn(`sails.sockets: ${message}`)
    sails.connect(createRooms(sockets.io, tolerate))
  }
  return { http, sockets, port: await http.listen() }
}

/** Both doors at once: a socket under way may need HTTP, and the reverse. Then the store. */
async function closeAll({ http, sockets }: Doors, store: SessionStore): Promise<void> {
  await Promise.all([http.close(patience), sockets.close(patience)])
  await store.close()
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
