/**
 * The servers that histories need, and the places of their players: two processes wherever a store is
 * shared by processes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../support/redis.ts'
import type { Place } from './places.ts'

export const stores = ['memory', 'sqlite', 'redis'] as const
export type StoreName = (typeof stores)[number]

export interface HistoryGround {
  readonly places: readonly Place[]
  close(): Promise<void>
}

const nothing = async () => {}

/** Starts what a store needs. One of its players renews with each visit, so that touches meet ends. */
export async function createGround(
  store: StoreName,
  door: Place['door'] = 'engine',
): Promise<HistoryGround> {
  if (store === 'memory') return { places: [{ store, door, touchAfter: 0 }], close: nothing }
  if (store === 'sqlite') return sqliteGround(door)
  const { port, close } = await startRedis()
  const prefix = `histories${process.pid}${performance.now()}:`
  const place = { store, door, port, prefix }
  return { places: [place, { ...place, touchAfter: 0 }], close }
}

async function sqliteGround(door: Place['door']): Promise<HistoryGround> {
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-histories-'))
  const place = { store: 'sqlite', door, file: join(folder, 'sessions.db') } as const
  const close = () => rm(folder, { recursive: true, force: true })
  return { places: [place, { ...place, touchAfter: 0 }], close }
}
