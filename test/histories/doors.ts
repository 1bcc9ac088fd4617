/**
 * Doors: the ways a client's visit reaches a session. The engine's own lets a history know to the
 * microsecond when a session was read and written; through a server only the answer's time counts.
 */
import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import expressSession from 'express-session'
import { createSigner } from '../../src/session/cookie.ts'
import { type SessionMiddleware, sessionMiddleware } from '../../src/session/express.ts'
import { createLife } from '../../src/session/life.ts'
import { createSessions, type Sessions } from '../../src/session/lifecycle.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { plainSettings } from '../session/plain-settings.ts'
import { act, createLog, type Expire, type Log, noteCommitted, noteOpened, now } from './act.ts'
import type { Event } from './model.ts'
import type { Visit } from './program.ts'

export interface Visited {
  /** The cookie header the client sends from now on. */
  readonly cookie: string
  readonly events: readonly Event[]
}

export interface Door {
  /** Opens the session that a cookie names, does the steps, and answers. */
  visit(cookie: string, steps: Visit): Promise<Visited>
  close(): Promise<void>
}

export interface Under {
  readonly store: SessionStore
  readonly expire: Expire
}

/** Long enough for a machine that does other things: a time-out would be no fault of the store. */
const patience = 20

const secret = 'keyboard cat'
const signer = createSigner('sid', [secret])

function engineOn(store: SessionStore, touchAfter: number | undefined): Sessions {
  const nothing = () => {}
  return createSessions({
    ...plainSettings,
    storeTimeout: patience,
    report: { ended: nothing, dropped: nothing, merged: nothing, unreadable: nothing, warn: warn },
    store,
    signer,
    life: createLife({ touchAfter, clock: Date.now }),
  })
}

function warn(message: string): void {
  console.warn(message)
}

/** The engine itself, without a server. */
export function engineDoor({ store, expire }: Under, touchAfter?: number): Door {
  const sessions = engineOn(store, touchAfter)
  return {
    async visit(cookie, steps) {
      const req = { headers: {}, url: '/' } as IncomingMessage & { session?: unknown }
      const log = createLog()
      const visit = await sessions.open(req as never, cookie || undefined)
      noteOpened(req, log, idIn(cookie))
      await act(req, steps, { log, expire })
      const start = now()
      try {
        const line = await sessions.commit(visit)
        noteCommitted(req, log, { start, end: now() })
        return { cookie: cookieAfter(cookie, line), events: log.events }
      } catch (error) {
        if (!isBusy(error)) throw error
        return { cookie, events: log.events }
      }
    },
    async close() {},
  }
}

/** The engine behind a real HTTP server. */
export function httpDoor({ store, expire }: Under, touchAfter?: number): Promise<Door> {
  return serverDoor(
    sessionMiddleware(engineOn(store, touchAfter), () => false),
    expire,
  )
}

/** What we are compared with: express-session on its own memory. */
export function peerDoor(): Promise<Door> {
  // Our types know only what we build on.
  const peer = expressSession as unknown as (options: object) => SessionMiddleware
  const middleware = peer({ secret, name: 'sid', resave: false, saveUninitialized: false })
  const expire = () => Promise.reject(new Error('express-session keeps no life to end'))
  return serverDoor(middleware, expire)
}

async function serverDoor(middleware: SessionMiddleware, expire: Expire): Promise<Door> {
  const underway = new Map<string, { steps: Visit; log: Log; asked: string | undefined }>()
  const agent = new Agent({ keepAlive: true })
  let last = 0

  const server = createServer((req: IncomingMessage & { session?: unknown }, res) => {
    middleware(req, res, (error) => {
      const visit = underway.get(req.url ?? '')
      if (error || !visit) return refuse(res, error)
      noteOpened(req, visit.log, visit.asked)
      act(req, visit.steps, { log: visit.log, expire }).then(
        () => {
          // What the commit will store; when it has, only the client knows.
          noteCommitted(req, visit.log, { start: now(), end: now() })
          res.end('done')
        },
        (fault: unknown) => refuse(res, fault),
      )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    async visit(cookie, steps) {
      const path = `/${++last}`
      const log = createLog()
      const start = log.since
      underway.set(path, { steps, log, asked: idIn(cookie) })
      const { status, text, line } = await ask({ port, path, agent }, cookie)
      underway.delete(path)
      if (status !== 200) throw new Error(`HTTP ${status}: ${text}`)
      // All the client knows: it happened between its request and the answer.
      const span = { start, end: now() }
      const events = log.events.map((event) => ({ ...event, ...span }))
      return { cookie: cookieAfter(cookie, line), events }
    },
    async close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function refuse(res: ServerResponse, error: unknown): void {
  res.statusCode = 500
  res.end(String(error))
}

async function ask(where: { port: number; path: string; agent: Agent }, cookie: string) {
  const req = send({ host: '127.0.0.1', ...where, headers: cookie ? { cookie } : {} }).end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const text = Buffer.concat(await res.toArray()).toString()
  return { status: res.statusCode, text, line: res.headers['set-cookie']?.[0] }
}

function idIn(cookie: string): string | undefined {
  return signer.idsIn(cookie)[0]?.id
}

function cookieAfter(before: string, line: string | undefined): string {
  const [pair] = line?.split(';') ?? []
  if (pair === undefined) return before
  return pair.endsWith('=') ? '' : pair
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_SESSION_BUSY'
}
