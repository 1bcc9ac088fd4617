/**
 * Whether Redis can be used now: health.ts, in Redis's name.
 */
import * as health from './health.ts'

export type RedisHealth = health.Health
export type HealthOptions = Omit<health.HealthOptions, 'label'>

/** Starts as down, silently: the first word is either `up` or the first failure. */
export function createHealth(options: HealthOptions): RedisHealth {
  return health.createHealth({ ...options, label: 'Redis' })
}
