/**
 * The built-in middleware of the HTTP door, by the names `config/http` puts in order.
 */

import { join, resolve, sep } from 'node:path'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'
import { existsSync, randomUUID, realpath } from '../builtin.ts'
import type { BuiltIn } from '../config/http.ts'
import type { Config } from '../config/schema.ts'
import type { Route } from '../routing/routes.ts'
import type { SessionMiddleware } from '../session/express.ts'
import type { Walk } from '../walk.ts'

declare global {
  // Express leaves this interface open for exactly this.
  namespace Express {
    interface Request {
      /** Names this request in the log and in `X-Request-Id`. */
      id: string
    }
  }
}

export interface MiddlewareParts {
  readonly config: Config
  readonly walk: Walk
  readonly session: SessionMiddleware
  /** Resolves when requests can be served; for `/health/ready`. */
  readonly ready: () => Promise<void>
}

/** Builds all built-ins; the door mounts those that are in the order. */
export function createMiddleware({
  config,
  walk,
  session,
  ready,
}: MiddlewareParts): Record<BuiltIn, readonly (RequestHandler | ErrorRequestHandler)[]> {
  return {
    requestId: [requestId],
    helmet: helmetOf(config),
    health: [health(ready)],
    static: staticFiles(config),
    // The door gives all requests their cookies, to be parsed when they are asked for.
    cookies: [],
    session: [session as RequestHandler],
    body: bodyParsers(config),
    router: [walk.follow, ...cookieScript(config)],
    notFound: [notFound],
    error: [failure(walk)],
  }
}

const notFound: RequestHandler = (_req, res) => {
  res.notFound()
}

/** Express knows an error handler by its four parameters. */
function failure(walk: Walk): ErrorRequestHandler {
  return (error, req, res, _next) => walk.fail(error, req, res)
}

const requestId: RequestHandler = (req, res, next) => {
  req.id ??= randomUUID()
  res.setHeader('X-Request-Id', req.id)
  next()
}

function helmetOf({ security, ssl }: Config): RequestHandler[] {
  if (security.helmet === false) return []
  const given = security.helmet as HelmetOptions
  const contentSecurityPolicy = overPlainHttp(given.contentSecurityPolicy)
  return [helmet(ssl ? given : { ...given, contentSecurityPolicy })]
}

type Policy = HelmetOptions['contentSecurityPolicy']

/** Takes one default out: on a page that came over plain http it sends every file's request into the void. */
function overPlainHttp(policy: Policy = {}): Policy {
  if (policy === false) return false
  const { directives = {}, ...rest } = policy === true ? {} : policy
  const isMeant = Object.keys(directives).some((name) => /^upgrade-?insecure-?req/i.test(name))
  return isMeant
    ? policy
    : { ...rest, directives: { ...directives, upgradeInsecureRequests: null } }
}

/** Answers probes without session, files or routes. */
function health(ready: () => Promise<void>): RequestHandler {
  return (req, res, next) => {
    if (req.path === '/health/live') {
      res.set('Cache-Control', 'no-store').json({ status: 'live' })
    } else if (req.path === '/health/ready') {
      res.set('Cache-Control', 'no-store')
      ready().then(
        () => res.json({ status: 'ready' }),
        (error: unknown) => res.status(503).json({ status: 'unavailable', reason: codeOf(error) }),
      )
    } else {
      next()
    }
  }
}

/**
 * `GET /__getcookie` of Sails, where the app has no route of its own for it: pages of other sites load it
 * as a script, to be given a session cookie.
 */
function cookieScript({ globals, sockets }: Config): RequestHandler[] {
  if (!globals.sails || !sockets.grant3rdPartyCookie) return []
  const router = express.Router()
  router.get('/__getcookie', (_req, res) => {
    // Helmet would keep the script from the pages it is for.
    res.set('Cross-Origin-Resource-Policy', 'cross-origin')
    res.type('application/javascript').send('_sailsIoJSConnect();')
  })
  return [router]
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'E_SERVER'
}

function staticFiles({ http, root }: Config): RequestHandler[] {
  if (http.static === false) return []
  const folder = resolve(root, http.static)
  const serve = express.static(folder, { maxAge: http.cache })
  return [http.staticLinks ? serve : insideOnly(folder, serve)]
}

/** Tells of routes that nobody comes to over HTTP, since files go first and one has their address. */
export function hiddenRoutes(
  { http, root }: Config,
  routes: readonly Pick<Route, 'verb' | 'path'>[],
): string[] {
  const { static: folder, middleware } = http
  const [files, router] = ['static', 'router'].map((name) => middleware.order.indexOf(name))
  if (folder === false || files === -1 || Number(files) > Number(router)) return []
  return routes.flatMap(({ verb, path }) => {
    if (!/^(GET|ALL)$/.test(verb) || !path.startsWith('/')) return []
    const file = fileOf(folder, path) ?? ''
    return file && existsSync(resolve(root, file)) ? [`${file} hides GET ${path} over HTTP`] : []
  })
}

/** What to do about a route that a file hides. */
export const hiddenFix =
  "take the file away, or name 'static' after 'router' in http.middleware.order"

/** Looks a file up by its real place first: a link must not lead out of the folder. */
function insideOnly(folder: string, serve: RequestHandler): RequestHandler {
  return (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next()
    const file = fileOf(folder, req.path)
    if (file === undefined) return serve(req, res, next)
    realpath.native(file, (missing, place) => {
      if (missing) return next()
      realpath.native(folder, (gone, base) => {
        if (!gone && (place === base || place.startsWith(base + sep))) serve(req, res, next)
        else next()
      })
    })
  }
}

/** What a path would be a file of; `undefined` where only the file server knows what to say. */
function fileOf(folder: string, path: string): string | undefined {
  try {
    const name = decodeURIComponent(path)
    if (name.includes('\0') || /(^|[/\\])\./.test(name)) return undefined
    return join(folder, name.endsWith('/') ? `${name}index.html` : name)
  } catch {
    return undefined
  }
}

function bodyParsers({ http, globals }: Config): RequestHandler[] {
  const limit = http.bodyLimit
  const parsers = [express.json({ limit }), express.urlencoded({ extended: true, limit })]
  return globals.sails ? [...parsers, emptyBody] : parsers
}

/** Actions of Sails look into a body without asking whether there is one. */
const emptyBody: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') req.body ??= {}
  next()
}
