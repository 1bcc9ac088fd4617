/**
 * The HTTP door: an Express 5 app with the middleware in the order `config/http` gives, and the server in
 * front of it, over TLS where the app has a key.
 */
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import express, { type Express, type Request, type RequestHandler } from 'express'
import type { BuiltIn } from '../config/http.ts'
import type { Config } from '../config/schema.ts'
import { CatamaranError } from '../errors.ts'
import { installRequest } from '../routing/requests.ts'
import { installResponses } from '../routing/responses.ts'
import { sessionMiddleware } from '../session/express.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Walk } from '../walk.ts'
import { createMiddleware, looksLikeFile, type MiddlewareParts } from './middleware.ts'

export interface HttpDoorParts extends Omit<MiddlewareParts, 'session'> {
  readonly sessions: Sessions
}

export interface HttpDoor {
  readonly app: Express
  readonly server: Server
  /**
   * Starts to accept requests.
   *
   * @returns the port it listens on
   * @throws {CatamaranError} `E_PORT_IN_USE`, `E_PORT_DENIED`
   */
  listen(): Promise<number>
  /** Accepts nothing new, lets requests under way finish, and cuts what is left after some **seconds**. */
  close(patience: number): Promise<void>
}

/** Builds what an app's requests go through, without mounting it: the socket door shares its prototypes. */
export function createHttpApp({ config }: { readonly config: Config }): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', config.http.trustProxy)
  if (config.globals.sails) app.set('query parser', 'extended')
  installRequest(app.request)
  installResponses(app.response, { production: config.environment === 'production' })
  return app
}

/** Mounts the middleware and creates the server. */
export function createHttpDoor(app: Express, { sessions, ...parts }: HttpDoorParts): HttpDoor {
  const { config, walk } = parts
  const session = sessionMiddleware(sessions, (req) => skipsSession(req as Request, config, walk))
  mount(app, { ...parts, session })
  const server = config.ssl
    ? createTlsServer(config.ssl as object, app as never)
    : createServer(app as never)
  // Slow senders must not keep a connection for minutes.
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000

  return {
    app,
    server,
    listen: () => listen(server, config),
    close: (patience) => close(server, patience),
  }
}

function mount(app: Express, parts: MiddlewareParts): void {
  const builtIn = createMiddleware(parts)
  const { order, ...own } = parts.config.http.middleware
  for (const name of order) {
    const handlers = own[name] ?? builtIn[name as BuiltIn]
    app.use(...([handlers].flat() as RequestHandler[]))
  }
}

/** Files and routes with `session: false` have no session, and keep answering while the store is down. */
function skipsSession(req: Request, { session }: Config, walk: Walk): boolean {
  if (session.isSessionDisabled?.(req)) return true
  try {
    const match = walk.matchOf(req)
    return match ? match.route.options.session === false : looksLikeFile(req)
  } catch {
    // The router says what is wrong with this address.
    return true
  }
}

function listen(server: Server, { port, host }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port)))
    server.listen({ port, host }, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenError(cause: NodeJS.ErrnoException, port: number): Error {
  if (cause.code === 'EADDRINUSE')
    return new CatamaranError('E_PORT_IN_USE', [String(port)], { cause })
  if (cause.code === 'EACCES') return new CatamaranError('E_PORT_DENIED', [String(port)], { cause })
  return cause
}

function close(server: Server, patience: number): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), patience * 1000)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    // A connection that waits for its next request would keep the server open.
    server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'))
    server.closeIdleConnections()
  })
}
