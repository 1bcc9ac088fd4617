/**
 * The sessions that are compared, each with the store its users would take, mounted as its users mount it.
 */
import type { RequestHandler } from 'express'
import { secret } from './app.ts'

/** `none` is the app without any session: what nobody can go below. */
export type PeerName = 'catamaran' | 'express-session' | 'none'
export type StoreName = 'memory' | 'redis'

export interface PeerOrder {
  readonly peer: PeerName
  readonly store: StoreName
  readonly redis: { readonly port: number } | undefined
  readonly prefix: string
  /** The checkout whose source is run, for Catamaran's. */
  readonly root: string
  /** Sessions of other people to put into the memory store; only ours takes them. */
  readonly others: number
}

const options = { secret, resave: false, saveUninitialized: false }

/** Loads nothing but what that peer needs. */
export function openPeer(order: PeerOrder): Promise<RequestHandler> {
  if (order.peer === 'none') return none()
  return order.peer === 'catamaran' ? ours(order) : theirs(order)
}

async function none(): Promise<RequestHandler> {
  return (req, _res, next) => {
    Object.assign(req, { session: {} })
    next()
  }
}

async function ours(order: PeerOrder): Promise<RequestHandler> {
  const { store, redis, prefix, root, others } = order
  // By address, so that another checkout can stand beside this one.
  const { session } = (await import(`${root}/src/index.ts`)) as typeof import('../src/index.ts')
  const { MemoryStore, RedisStore } = (await import(
    `${root}/src/session/stores/index.ts`
  )) as typeof import('../src/session/stores/index.ts')
  if (store === 'redis') {
    const client = await redisClient(redis?.port)
    return session({ ...options, store: new RedisStore({ client, prefix }) }) as RequestHandler
  }
  const memory = new MemoryStore({ maxBytes: 2 ** 34 })
  for (let id = 0; id < others; id += 1) memory.set(idOf(id), sessionOf(id))
  return session({ ...options, store: memory }) as RequestHandler
}

/** The id of somebody whose session was put into the store. */
export function idOf(index: number): string {
  return `${index}`.padStart(32, 'x')
}

/** About 300 bytes, as the sessions of most visitors have. */
export function sessionOf(index: number): object {
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  return { cookie, userId: `user-${index}`, name: 'x'.repeat(180), views: index }
}

async function theirs({ store, redis, prefix }: PeerOrder): Promise<RequestHandler> {
  const { default: expressSession } = await import('express-session')
  const make = expressSession as unknown as (options: object) => RequestHandler
  if (store === 'memory') return make(options)
  const { RedisStore } = await import('connect-redis')
  const client = await redisClient(redis?.port)
  return make({ ...options, store: new RedisStore({ client, prefix }) })
}

async function redisClient(port = 6379) {
  const { createClient } = await import('redis')
  return createClient({ url: `redis://127.0.0.1:${port}` }).connect()
}
