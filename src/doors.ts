/**
 * The two doors of an app, opened and closed together: the walk behind them, and what the app's
 * configuration asks for beside it.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Sails } from './compat/sails.ts'
import type { LogConfig } from './config/log.ts'
import type { Config } from './config/schema.ts'
import { createHttpApp, createHttpDoor, type HttpDoor } from './http/door.ts'
import { type Log, logError } from './log.ts'
import type { Watch } from './request-log.ts'
import { createErrorAnswer } from './routing/failures.ts'
import type { Hint } from './routing/hints.ts'
import type { LoadedRouting } from './routing/load.ts'
import { installOwnResponses } from './routing/own-responses.ts'
import { createCookies } from './session/cookies.ts'
import type { Engine } from './session/engine.ts'
import type { Sessions } from './session/lifecycle.ts'
import type { Clock, SessionStore } from './session/store.ts'
import { createSocketDoor, type SocketDoor } from './sockets/door.ts'
import type { SailsProfile } from './sockets/sails-profile.ts'
import { createWalk, type Walk } from './walk.ts'

/** What the doors are built of, beside the sessions. */
export interface DoorParts {
  readonly config: Config
  readonly routing: LoadedRouting
  readonly log: Log
  readonly clock: Clock
  readonly sails: Sails | undefined
}

type HttpApp = ReturnType<typeof createHttpApp>

/** The most talkative first. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** **Seconds** that requests under way have to finish when the app is lowered. */
const patience = 10

export interface Doors {
  readonly port: number
  readonly http: HttpDoor
  readonly sockets: SocketDoor
}

/** Builds both doors, runs the app's bootstrap, and opens them. */
export async function openDoors(engine: Engine, parts: DoorParts): Promise<Doors> {
  const { config, log } = parts
  const { http, sockets } = await buildDoors(engine, parts)
  try {
    await sockets.join(engine.store)
    if (config['bootstrap'] !== undefined) {
      const { bootstrap } = await import('./bootstrap.ts')
      await bootstrap(config['bootstrap'], (message) => log.warn(message))
    }
    return { http, sockets, port: await http.listen() }
  } catch (error) {
    await sockets.close(0)
    throw error
  }
}

/** The sockets stand on the HTTP door's server and share the prototypes of its app. */
async function buildDoors(
  { sessions, secrets, attachStore }: Engine,
  parts: DoorParts,
): Promise<Omit<Doors, 'port'>> {
  const { config, log, clock, sails } = parts
  const walk = createAppWalk(parts)
  const attachCookies = createCookies(secrets)
  const app = createHttpApp(config, attachCookies)
  attachStore(app.request)
  await dress(app, walk, parts)
  const common = { config, sessions, walk, watch: await watchOf(config.log, log) }
  const isOwnPage: SocketDoor['isOwnPage'] = (req) => sockets.isOwnPage(req)
  const http = createHttpDoor(app, { ...common, ready: sessions.check, isOwnPage })
  const sockets = createSocketDoor({
    ...common,
    profile: sails && (await loadProfile(config, sessions)),
    attachCookies,
    app,
    clock,
    server: http.server,
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    onError: (error) => logError(log, error),
  })
  if (sails) {
    const { createRooms } = await import('./sockets/rooms.ts')
    const tolerate = (message: string) => log.warn(`sails.sockets: ${message}`)
    sails.connect(createRooms(sockets.io, tolerate), sockets.io)
  }
  return { http, sockets }
}

function createAppWalk({ config, routing, log }: DoorParts): Walk {
  const production = config.environment === 'production'
  return createWalk({
    router: routing.router,
    answerError: createErrorAnswer({
      production,
      sails: config.globals.sails,
      hasServerError: routing.responses.has('serverError'),
    }),
    onError: (error, req) => logError(log, error, req.id),
    hint: production ? undefined : createHint((message) => log.warn(message)),
  })
}

/** Gives `req` and `res` what the app has of its own: responses, pages, and what actions of Sails expect. */
async function dress(
  app: HttpApp,
  walk: Walk,
  { config, routing, log, sails }: DoorParts,
): Promise<void> {
  app.locals['custom'] = config['custom'] ?? {}
  sails?.dress(app, walk.matchOf)
  installOwnResponses(app.response, routing.responses)
  if (!sails && !(config.views.engine ?? config.views.extension)) return
  const { hasEngine, installViews } = await import('./http/views.ts')
  if (hasEngine(config)) installViews(app, config)
  else if (routing.router.routes.some(({ target }) => /(^|, )view /.test(target))) {
    log.warn('config/routes has pages, which nothing renders: npm install ejs, or set views.engine')
  }
}

async function loadProfile({ sockets }: Config, sessions: Sessions): Promise<SailsProfile> {
  const { createSailsProfile } = await import('./sockets/sails-profile.ts')
  return createSailsProfile({ sessions, getCookie: sockets.grant3rdPartyCookie })
}

/** Loaded when there is something to tell of. */
function createHint(warn: (message: string) => void): Hint {
  let hints: Promise<Hint> | undefined
  return (...said) => {
    hints ??= import('./routing/hints.ts').then(({ createHints }) => createHints(warn))
    hints.then((hint) => hint(...said))
  }
}

/** What writes a line per request and event; nothing where the log would not show it. */
async function watchOf({ level, requests }: LogConfig, log: Log): Promise<Watch | undefined> {
  const weight = (name: string) => logLevels.indexOf(name)
  if (!requests || requests === 'silent' || weight(requests) < weight(level)) return undefined
  const { createRequestLog } = await import('./request-log.ts')
  return createRequestLog(log, requests)
}

/**
 * Both doors at once: a socket under way may need HTTP, and the reverse. Then the store.
 *
 * @param grace - **seconds** in which load balancers may find out
 */
export async function closeAll(
  { http, sockets }: Doors,
  store: SessionStore,
  grace: number,
): Promise<void> {
  if (grace > 0) {
    http.drain()
    await sleep(grace * 1000)
  }
  await Promise.all([http.close(patience), sockets.close(patience)])
  await store.close()
}
