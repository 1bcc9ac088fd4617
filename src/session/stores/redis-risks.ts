/**
 * How a Redis may lose sessions as it is set up: by eviction, or by a restart. It only asks, and bears a
 * server that refuses to tell, as hosted ones do.
 */
import type { Risk } from '../store.ts'
import type { RedisNode } from './redis-client.ts'
import { isReply, type RedisGuard } from './redis-guard.ts'
import { serversOf } from './redis-scan.ts'

/** Asks each server, and says each risk once. */
export async function redisRisks(guard: RedisGuard): Promise<Risk[]> {
  const found = new Map<string, Risk>()
  for (const node of await serversOf(guard)) {
    const info = await told(guard, (redis) => (node ?? redis).info())
    const risks = [evictionRisk(info), await diskRisk(info, () => savingOf(guard, node))]
    for (const risk of risks) if (risk) found.set(risk.what, risk)
  }
  return [...found.values()]
}

/** `undefined` where the server refuses. */
function told<T>(guard: RedisGuard, ask: (redis: RedisNode) => Promise<T>): Promise<T | undefined> {
  return guard.run((redis) =>
    ask(redis).catch((error) => {
      if (isReply(error)) return undefined
      throw error
    }),
  )
}

async function savingOf(guard: RedisGuard, node: RedisNode | undefined) {
  return (await told(guard, (redis) => (node ?? redis).configGet('save')))?.['save']
}

/** Sessions have a life, so that every policy but `noeviction` may take them before it is over. */
function evictionRisk(info: string | undefined): Risk | undefined {
  const [policy, most] = [fieldOf(info, 'maxmemory_policy'), fieldOf(info, 'maxmemory')]
  if (policy === undefined || most === undefined) {
    const fix = 'Allow this user INFO, or see yourself that maxmemory-policy is noeviction'
    return { what: 'its eviction policy could not be read', fix }
  }
  if (policy === 'noeviction' || most === '0') return undefined
  return {
    what: `it drops living sessions when its ${most} bytes are full: maxmemory-policy is ${policy}`,
    fix: 'Set maxmemory-policy to noeviction, and maxmemory so that all sessions have room',
  }
}

async function diskRisk(
  info: string | undefined,
  saving: () => Promise<string | undefined>,
): Promise<Risk | undefined> {
  if (fieldOf(info, 'aof_enabled') === '1') return undefined
  const save = await saving()
  if (save) return undefined
  return save === undefined
    ? {
        what: 'whether it keeps sessions on disk could not be read',
        fix: 'Allow this user CONFIG GET, or see yourself that it has a file to start again from',
      }
    : {
        what: 'it keeps nothing on disk: when it restarts, everybody is logged out',
        fix: 'Set appendonly yes in its configuration',
      }
}

function fieldOf(info: string | undefined, name: string): string | undefined {
  return info && new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
}
