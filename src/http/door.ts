/**
 * The HTTP door: an Express 5 app with the middleware in the order `config/http` gives, and the server in
 * front of it, over TLS where the app has a key.
 */
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { createServer, createTlsServer } from '../builtin.ts'
import type { BuiltIn } from '../config/http.ts'
import type { Config } from '../config/schema.ts'
import { CatamaranError, type ErrorCode } from '../errors.ts'
import { installRequest } from '../routing/requests.ts'
import { installResponses } from '../routing/responses.ts'
import type { AttachCookies } from '../session/cookies.ts'
import { sessionMiddleware } from '../session/express.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Walk } from '../walk.ts'
import { besideClient } from './client.ts'
import { createClosing } from './closing.ts'
import { createMiddleware, type MiddlewareParts } from './middleware.ts'

export interface HttpDoorParts extends Omit<MiddlewareParts, 'session'> {
  readonly sessions: Sessions
  /** Told of each request, before anything else. */
  readonly watch?: ((req: Request, res: Response) => void) | undefined
  /** Whether a request comes from a page that may connect a socket, or from none. */
  isOwnPage(req: IncomingMessage): boolean
}

export interface HttpDoor {
  readonly server: Server
  /**
   * Starts to accept requests.
   *
   * @returns the port it listens on
   * @throws {CatamaranError} `E_PORT_IN_USE`, `E_PORT_DENIED`, `E_HOST`
   */
  listen(): Promise<number>
  /** Answers on, but `/health/ready` says no, and no connection is kept beyond its next answer. */
  drain(): void
  /** Accepts nothing new, lets requests under way finish, and cuts what is left after some **seconds**. */
  close(patience: number): Promise<void>
}

/** Builds what an app's requests go through, without mounting it: the socket door shares its prototypes. */
export function createHttpApp(config: Config, attachCookies: AttachCookies): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('env', config.environment)
  app.set('trust proxy', config.http.trustProxy)
  if (config.globals.sails) app.set('query parser', 'extended')
  installRequest(app.request)
  // On the prototype of all requests: most never ask for their cookies, and then nothing is done.
  const { order, ...own } = config.http.middleware
  if (order.includes('cookies') && !own['cookies']) attachCookies(app.request)
  const production = config.environment === 'production'
  installResponses(app.response, { production, sails: config.globals.sails })
  return app
}

/**
 * Mounts the middleware and creates the server.
 *
 * @throws {CatamaranError} `E_TLS` when the key or certificate of `ssl` can't be used
 */
export function createHttpDoor(
  app: Express,
  { sessions, watch, isOwnPage, ...parts }: HttpDoorParts,
): HttpDoor {
  const { config, walk } = parts
  const session = sessionMiddleware(
    sessions,
    (req) => skipsSession(req as Request, config, walk),
    // The route was found a moment ago, to see whether it has a session.
    (req) => walk.matchOf(req as Request)?.route.options,
  )
  if (watch) {
    app.use((req, res, next) => {
      watch(req, res)
      next()
    })
  }
  const forClient = config.sockets.client
    ? besideClient({ session, sessions, config, walk, isOwnPage })
    : session
  let draining = false
  const ready = () => (draining ? Promise.reject(new CatamaranError('E_STOPPING')) : parts.ready())
  mount(app, { ...parts, ready, session: forClient })
  const server = createServerFor(config.ssl, app as never)
  const closing = createClosing(server)

  return {
    server,
    listen: () => listen(server, config),
    drain() {
      draining = true
      closing.drain()
    },
    close: closing.close,
  }
}

/** Slow senders must not keep a connection for minutes; in **milliseconds**. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
} as const

function createServerFor(ssl: Config['ssl'], app: RequestListener): Server {
  if (!ssl) return createServer(limits, app)
  try {
    return createTlsServer({ ...limits, ...(ssl as object) }, app)
  } catch (cause) {
    throw new CatamaranError('E_TLS', [cause instanceof Error ? cause.message : ''], { cause })
  }
}

function mount(app: Express, parts: MiddlewareParts): void {
  const builtIn = createMiddleware(parts)
  const { order, ...own } = parts.config.http.middleware
  for (const name of order) {
    const handlers = [own[name] ?? builtIn[name as BuiltIn]].flat() as RequestHandler[]
    for (const handler of handlers) app.use(handler)
  }
}

/**
 * Routes with `session: false`, and what no route answers and looks like a file, have no session: they
 * keep answering while the store is down.
 */
function skipsSession(req: Request, { session }: Config, walk: Walk): boolean {
  if (session.isSessionDisabled?.(req)) return true
  try {
    const match = walk.matchOf(req)
    return match ? match.route.options.session === false : /\.[^/.]+$/.test(req.path)
  } catch {
    // The router says what is wrong with this address.
    return true
  }
}

function listen(server: Server, config: Config): Promise<number> {
  const { port, host } = config
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, config)))
    server.listen({ port, host }, () => resolve((server.address() as AddressInfo).port))
  })
}

const listenCodes: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'E_PORT_IN_USE',
  EACCES: 'E_PORT_DENIED',
  EADDRNOTAVAIL: 'E_HOST',
  ENOTFOUND: 'E_HOST',
  EAI_AGAIN: 'E_HOST',
}

function listenError(cause: NodeJS.ErrnoException, { port, host }: Config): Error {
  const code = Object.hasOwn(listenCodes, cause.code ?? '') && listenCodes[`${cause.code}`]
  if (!code) return cause
  return new CatamaranError(code, [code === 'E_HOST' ? `${host}` : String(port)], { cause })
}
