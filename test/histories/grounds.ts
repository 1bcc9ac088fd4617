/**
 * The servers that histories need, and the places of their players: two processes wherever a store is
 * shared by processes.
 */
import { startRedis } from '../support/redis.ts'
import type { Place } from './places.ts'

export const stores = ['memory', 'redis'] as const
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
  const { port, close } = await startRedis()
  const prefix = `histories${process.pid}${performance.now()}:`
  const place = { store, door, port, prefix }
  return { places: [place, { ...place, touchAfter: 0 }], close }
}
