/**
 * The sessions that are compared, each with the store its users would take.
 */
import type { RequestHandler } from 'express'
import { createSigner } from '../src/session/cookie.ts'
import { sessionMiddleware } from '../src/session/express.ts'
import { createLife } from '../src/session/life.ts'
import { createSessions } from '../src/session/lifecycle.ts'
import type { SessionStore } from '../src/session/store.ts'
import { openStore } from '../src/session/stores/open.ts'
import { secret } from './app.ts'

/** `none` is the app without any session: what nobody can go below. */
export type PeerName = 'catamaran' | 'express-session' | 'none'
export type StoreName = 'memory' | 'redis'

export interface Kept {
  readonly store: StoreName
  readonly redis: { readonly port: number } | undefined
  readonly prefix: string
}

export interface Peer {
  readonly session: RequestHandler
  /** Puts so many sessions of other people into the store. */
  fill(count: number): Promise<void>
}

/** Loads nothing but what that peer needs. */
export function openPeer(name: PeerName, kept: Kept): Promise<Peer> {
  if (name === 'none') return none()
  return name === 'catamaran' ? ours(kept) : theirs(kept)
}

async function none(): Promise<Peer> {
  const session: RequestHandler = (req, _res, next) => {
    Object.assign(req, { session: {} })
    next()
  }
  return { session, fill: async () => {} }
}

async function ours({ store: adapter, redis, prefix }: Kept): Promise<Peer> {
  const context = { root: process.cwd(), clock: Date.now, warn: console.warn }
  const connection = { host: '127.0.0.1', ...redis, prefix }
  const store = await openStore({ adapter, ...(redis && { connection }) }, context)
  const nothing = () => {}
  const sessions = createSessions({
    cookieName: 'connect.sid',
    cookie: {},
    saveUninitialized: false,
    rolling: false,
    unset: 'keep',
    merge: {},
    maxBytes: 65_536,
    storeTimeout: 1.5,
    onStoreError: 'fail',
    report: {
      ended: nothing,
      dropped: nothing,
      merged: nothing,
      unreadable: nothing,
      warn: nothing,
    },
    store,
    signer: createSigner('connect.sid', [secret]),
    life: createLife({ touchAfter: 0, clock: Date.now }),
  })
  const session = sessionMiddleware(sessions, () => false) as RequestHandler
  return { session, fill: (count) => fillStore(store, count) }
}

async function fillStore(store: SessionStore, count: number): Promise<void> {
  for (let id = 0; id < count; id += 1) await store.create(`other-${id}`, otherText(id), 86_400)
}

/** About 300 bytes, as the sessions of most visitors have. */
export function otherText(id: number): string {
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  return JSON.stringify({ cookie, userId: `user-${id}`, name: 'x'.repeat(180), views: id })
}

async function theirs({ store: adapter, redis, prefix }: Kept): Promise<Peer> {
  const { default: expressSession } = await import('express-session')
  const make = expressSession as unknown as (options: object) => RequestHandler
  const options = { secret, resave: false, saveUninitialized: false }
  const fill = () => Promise.reject(new Error('only our own store is filled'))
  if (adapter === 'memory') return { session: make(options), fill }
  const [{ RedisStore }, { createClient }] = await Promise.all([
    import('connect-redis'),
    import('redis'),
  ])
  const client = await createClient({ url: `redis://127.0.0.1:${redis?.port}` }).connect()
  return { session: make({ ...options, store: new RedisStore({ client, prefix }) }), fill }
}
