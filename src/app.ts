/**
 * The app: the only place that builds things. Loads the configuration and the conventions of a folder,
 * and joins the rooms: store → sessions → walk → the two doors.
 */
import { existsSync } from 'node:fs'
import { type LoadOptions, loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { closeAll, type DoorParts, openDoors } from './doors.ts'
import { CatamaranError } from './errors.ts'
import { hiddenFix, hiddenRoutes } from './http/middleware.ts'
import { createLog, createReport, type Log } from './log.ts'
import { loadRouting } from './routing/load.ts'
import type { Router } from './routing/routes.ts'
import { createEngine } from './session/engine.ts'
import type { Clock, SessionStore } from './session/store.ts'
import type { SocketDoor } from './sockets/door.ts'

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

/**
 * Loads the app in a folder, without opening anything.
 *
 * @throws {CatamaranError} `E_CONFIG`, `E_APP_FILES`: each names everything there is to mend; `E_NO_APP` where
 *   there is no such folder
 */
export async function createApp(root: string, options: AppOptions = {}): Promise<App> {
  if (!existsSync(root)) throw new CatamaranError('E_NO_APP', [root])
  const { config, sources, notes } = await loadConfig(root, options)
  const log = createLog(config.log)
  const sails = config.globals.sails
    ? (await import('./compat/sails.ts')).createSails(config, log)
    : undefined
  const routing = await loadRouting(config.root, config).catch((error) => {
    sails?.remove()
    throw error
  })
  const { router } = routing
  const hidden = hiddenRoutes(config, router.routes).map((what) => `${what}: ${hiddenFix}`)
  let running: Promise<Running> | undefined

  async function lift(): Promise<Lifted> {
    for (const note of [...notes, ...routing.notes, ...hidden]) log.warn(note)
    running ??= open({ config, routing, log, clock: options.clock ?? Date.now, sails })
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

async function open(parts: DoorParts): Promise<Running> {
  const { config, log, clock } = parts
  // The sockets stand on the sessions, and the sessions tell them when one ends.
  let told: Pick<SocketDoor, 'end' | 'replaced' | 'moved' | 'changed'> | undefined
  const report = createReport(log, {
    ended: (ending) => told?.end(ending),
    replaced: (...replacement) => told?.replaced(...replacement),
    moved: (...move) => told?.moved(...move),
    changed: (...change) => told?.changed(...change),
  })
  const engine = await createEngine(config, { clock, warn: report.warn, report })
  const { store } = engine
  try {
    if (store.name === 'memory' && config.environment === 'production') {
      report.warn('sessions are in memory: a restart ends them, and no other process knows them')
    }
    const opened = await openDoors(engine, parts)
    told = opened.sockets
    const unheed = clock.onMove?.(async () => {
      if (store.clock !== clock) throw new CatamaranError('E_CLOCK', [store.name])
      await opened.sockets.clockMoved()
    })
    let closed: Promise<void> | undefined
    const close = () => {
      unheed?.()
      closed ??= closeAll(opened, store, config.http.grace)
      return closed
    }
    return { port: opened.port, store, close }
  } catch (error) {
    await store.close()
    throw error
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
