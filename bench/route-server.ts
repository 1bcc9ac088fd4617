/**
 * A server of the route that is measured: an app of ours, or the same handlers mounted by hand in Express 5.
 * `bare` has the same `session()` and nothing else around the route; otherwise an app as it is by default is
 * beside an Express app with what such an app has around its routes.
 */
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { createApp } from '../src/app.ts'
import { type HttpConfigInput, session } from '../src/index.ts'
import { secret } from './app.ts'
import login from './route-app/api/controllers/login.ts'
import me from './route-app/api/controllers/me.ts'
import isEditor from './route-app/api/policies/is-editor.ts'
import isLoggedIn from './route-app/api/policies/is-logged-in.ts'
import { serve } from './serve.ts'

export interface RouteOrder {
  readonly by: 'us' | 'hand'
  readonly bare: boolean
}

const { by, bare } = JSON.parse(process.argv[2] ?? '') as RouteOrder
const options = { secret, resave: false, saveUninitialized: false }
await (by === 'us' ? ourApp() : serve(createServer(byHand())))

async function ourApp(): Promise<void> {
  const order = ['session', 'router', 'notFound', 'error']
  const http: HttpConfigInput = bare
    ? { static: false, middleware: { order, session: session(options) } }
    : {}
  const app = await createApp(fileURLToPath(new URL('route-app', import.meta.url)), {
    overrides: { port: 0, log: { level: 'silent' }, session: { secret }, http },
  })
  const { port } = await app.lift()
  await serve({ port })
}

function byHand(): Express {
  const app = express()
  if (!bare) {
    app.disable('x-powered-by')
    app.use((_req, res, next) => {
      res.setHeader('X-Request-Id', crypto.randomUUID())
      next()
    })
    app.use(helmet())
    app.use(express.static(fileURLToPath(new URL('route-app/assets', import.meta.url))))
  }
  app.use(session(options))
  if (!bare) app.use(express.json(), express.urlencoded({ extended: true }))
  app.get('/login', (req, res, next) => res.json(login(req, res, next)))
  app.get('/me', isLoggedIn, isEditor, (req, res, next) => res.json(me(req, res, next)))
  return app
}
