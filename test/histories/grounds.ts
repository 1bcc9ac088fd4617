/**
 * The servers that histories need, and the places of their players: two processes wherever a store is
 * shared by processes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMongo } from '../support/mongo/server.ts'
import { startRedis } from '../support/redis.ts'
import type { Place } from './places.ts'

/** All that are checked. */
export const stores = ['memory', 'sqlite', 'redis', 'mongo'] as const
/** `careless` loses changes: to see what a failure looks like. */
export type StoreName = (typeof stores)[number] | 'careless'

export interface HistoryGround {
  readonly places: readonly Place[]
  close(): Promise<void>
}

interface Server {
  readonly url?: string
  readonly name: string
  close(): Promise<void>
}

const nothing = async () => ({ name: '', async close() {} })

const servers: Readonly<Record<StoreName, () => Promise<Server>>> = {
  memory: nothing,
  careless: nothing,
  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'catamaran-histories-'))
    return { name: join(folder, 'sessions.db'), close: () => rm(folder, { recursive: true }) }
  },
  async redis() {
    const { url, close } = await startRedis()
    return { url, name: `histories${process.pid}${performance.now()}:`, close }
  },
  async mongo() {
    const { url, close } = await startMongo()
    return { url, name: `histories-${process.pid}-${Math.round(performance.now())}`, close }
  },
}

/** Starts what a store needs. One of its players renews with each visit, so that touches meet ends. */
export async function createGround(
  store: StoreName,
  door: Place['door'] = 'engine',
): Promise<HistoryGround> {
  const { close, ...where } = await servers[store]()
  const place = { store, door, ...where }
  const renewing = { ...place, touchAfter: 0 }
  const isShared = servers[store] !== nothing
  return { places: isShared ? [place, renewing] : [renewing], close }
}

export function isStore(name: string): name is StoreName {
  return Object.hasOwn(servers, name)
}
