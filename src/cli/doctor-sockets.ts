/**
 * What `catamaran doctor` says of that which connects the nodes, where it is not the Redis of the sessions.
 */
import type { Config } from '../config/schema.ts'
import { openAdapter, ownRedisOf } from '../sockets/adapter.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'
import { askStore, wordsOf } from './doctor-store.ts'

const sockets = findingsOf('sockets')

/** Checks that a Redis of the sockets' own answers, and that a named adapter can be made. */
export async function checkSockets(config: Config): Promise<readonly Finding[]> {
  const { adapter } = config.sockets
  const redis = ownRedisOf(config)
  if (!redis && (adapter === undefined || adapter === 'redis')) return []
  try {
    const { prefix, collection, stringify } = config.session
    const bare = { prefix, collection, stringify, hashIds: false, encrypt: false }
    if (redis) await askStore({ ...bare, ...redis, adapter: 'redis' }, config)
    else await openAdapter({ config, warn() {}, onBack() {} })
    return [sockets.ok(redis ? 'redis answers' : `sockets.adapter is ${nameOf(adapter)}`)]
  } catch (thrown) {
    return [sockets.error(...wordsOf(thrown, 'Start it, or mend what config/sockets says of it'))]
  }
}

function nameOf(adapter: Config['sockets']['adapter']): string {
  return typeof adapter === 'function' ? 'a function' : `'${adapter}'`
}
