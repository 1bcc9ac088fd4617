/**
 * The servers whose sockets are compared, each on a free port: bare Socket.IO, whose events are answered at
 * once; an app of ours; Socket.IO with express-session as its how-to has it, reload and save by hand; and Sails.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import express, { type RequestHandler } from 'express'
import expressSession from 'express-session'
import { createClient } from 'redis'
import { Server, type Socket } from 'socket.io'
import { createApp } from '../src/app.ts'
import { secret } from './app.ts'

export type SocketPeer = 'bare' | 'ours' | 'how-to' | 'sails'

type Reply = (answer: unknown) => void
type Done = (fault?: unknown) => void
interface Request {
  readonly session: {
    userId?: string
    views?: number
    reload(done: Done): unknown
    save(done: Done): unknown
  }
}

/** Opens a server; with the url of a Redis its sessions are there, else in memory. */
export const openers: Readonly<Record<SocketPeer, (redis?: string) => Promise<string>>> = {
  bare: openBare,
  ours: openOurs,
  'how-to': openHowTo,
  sails: openSails,
}

const routes = {
  'POST /login': ({ session }: Request) => {
    session.userId = 'ada'
    return {}
  },
  'GET /me': ({ session }: Request) => ({ userId: session.userId }),
  'POST /view': ({ session }: Request) => {
    session.views = (session.views ?? 0) + 1
    return { views: session.views }
  },
}

async function openBare(): Promise<string> {
  const http = createServer((_req, res) => res.end())
  const io = new Server(http, { perMessageDeflate: false })
  io.on('connection', (socket) => {
    socket.on('get', (_message: unknown, reply: Reply) => {
      reply({ statusCode: 200, headers: {}, body: { userId: 'ada' } })
    })
  })
  return listen(http)
}

async function openOurs(redis?: string): Promise<string> {
  const app = await createApp(appFolder(), {
    overrides: {
      port: 0,
      host: '127.0.0.1',
      routes,
      session: { secret, ...(redis ? { adapter: 'redis', url: redis } : { adapter: 'memory' }) },
      log: { level: 'silent' },
      sockets: { rate: false },
    },
    environment: { NODE_ENV: 'production' },
  })
  return (await app.lift()).url
}

/** https://socket.io/how-to/use-with-express-session */
async function openHowTo(redis?: string): Promise<string> {
  const client = await createClient({ url: redis ?? '' }).connect()
  const store = new RedisStore({ client, prefix: 'how-to:' })
  const options = { secret, resave: false, saveUninitialized: false, store }
  const withSession = (expressSession as unknown as (given: object) => RequestHandler)(options)
  const app = express()
  app.use(withSession)
  app.post('/login', (req, res) => res.json(routes['POST /login'](req)))
  const http = createServer(app)
  const io = new Server(http, { perMessageDeflate: false })
  io.engine.use(withSession)
  io.on('connection', (socket: Socket) => {
    const req = socket.request as typeof socket.request & Request
    socket.on('post', (_message: unknown, reply: Reply) => {
      req.session.reload((fault) => {
        if (fault) return void socket.disconnect()
        const body = routes['POST /view'](req)
        req.session.save(() => reply({ statusCode: 200, headers: {}, body }))
      })
    })
  })
  return listen(http)
}

/** From the folder in which the tests install it. */
async function openSails(): Promise<string> {
  const require = createRequire(new URL('../test/fixtures/real-sails/', import.meta.url))
  const { Sails } = require('sails')
  const sails = new Sails()
  const answer = (action: (req: Request) => object) => (req: Request, res: { json: Reply }) =>
    res.json(action(req))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const options = {
    appPath: appFolder(),
    port,
    explicitHost: '127.0.0.1',
    environment: 'production',
    log: { level: 'silent', noShip: true },
    session: { secret },
    sockets: { onlyAllowOrigins: [url] },
    routes: Object.fromEntries(Object.entries(routes).map(([at, does]) => [at, answer(does)])),
    hooks: { grunt: false, sockets: require('sails-hook-sockets') },
  }
  await new Promise<void>((resolve, reject) => {
    sails.lift(options, (error?: Error) => (error ? reject(error) : resolve()))
  })
  return url
}

async function freePort(): Promise<number> {
  const http = createServer()
  const url = await listen(http)
  http.close()
  return Number(new URL(url).port)
}

async function listen(http: HttpServer): Promise<string> {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

function appFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'catamaran-bench-'))
  process.once('exit', () => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  return root
}
