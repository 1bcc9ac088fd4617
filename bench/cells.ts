/**
 * What is measured: one cell is a store, an amount of data and what the request does with it.
 */
import type { StoreName } from './peers.ts'

export interface Cell {
  /** For `--only`: any part of it. */
  readonly name: string
  readonly store: StoreName
  readonly does: 'read' | 'write'
  readonly bytes: number
  /** Our CPU time per request over express-session's: no more than this. */
  readonly target: number
}

export const cells: readonly Cell[] = [
  { name: 'memory-read-1k', store: 'memory', does: 'read', bytes: 1_024, target: 0.45 },
  { name: 'memory-write-1k', store: 'memory', does: 'write', bytes: 1_024, target: 0.6 },
  { name: 'memory-read-10k', store: 'memory', does: 'read', bytes: 10_240, target: 0.85 },
  { name: 'memory-write-10k', store: 'memory', does: 'write', bytes: 10_240, target: 0.85 },
  { name: 'redis-read-1k', store: 'redis', does: 'read', bytes: 1_024, target: 0.75 },
  { name: 'redis-write-1k', store: 'redis', does: 'write', bytes: 1_024, target: 0.9 },
  { name: 'redis-read-10k', store: 'redis', does: 'read', bytes: 10_240, target: 0.85 },
  { name: 'redis-write-10k', store: 'redis', does: 'write', bytes: 10_240, target: 0.85 },
]
