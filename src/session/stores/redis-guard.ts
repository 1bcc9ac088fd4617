/**
 * The guard of all Redis commands: guard.ts, told which errors are Redis's own.
 */
import * as guard from './guard.ts'
import type { RedisClient } from './redis-client.ts'

export type RedisWork<T> = guard.Work<RedisClient, T>
export type RedisGuard = guard.Guard<RedisClient>
type GuardOptions = Omit<guard.GuardOptions<RedisClient>, 'name' | 'isReply'>

/** Guards all commands that go over `link`. */
export function createGuard(options: GuardOptions): RedisGuard {
  return guard.createGuard({ ...options, name: 'redis', isReply })
}

/** Redis's own errors begin with their kind: `OOM command not allowed`, `READONLY You can't write`. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]{2,} /.test(error.message)
}
