/**
 * `npm run bench:sizes`: what a session takes in the memory store, by the heap, and in a Redis of the bench's
 * own, by its `used_memory`: key, id, expiry and text together. `-- 5000` stores that many instead of 20,000.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createClient } from 'redis'
import { createId } from '../src/session/cookie.ts'
import type { SessionStore } from '../src/session/store.ts'
import { createMemoryStore } from '../src/session/stores/memory.ts'
import { createRedisStore } from '../src/session/stores/redis.ts'
import { startRedis } from '../test/support/redis.ts'

const sessions = Number(process.argv[2] ?? 20_000)
const life = 86_400
const atOnce = 1_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const redis = await startRedis({ own: true })
const client = await createClient({ url: redis.url }).connect()
const shared = await createRedisStore({ url: redis.url, root: process.cwd(), warn: console.warn })
try {
  for (const bytes of [200, 1_024]) {
    const memory = createMemoryStore({ clock: Date.now })
    tell(`memory, ${bytes} B`, await each(memory, bytes, heap))
    tell(`redis, ${bytes} B`, await each(shared, bytes, usedMemory))
    await memory.close()
    await shared.clear()
  }
} finally {
  await shared.close()
  await client.close()
  await redis.close()
}

/** Bytes that each of so many sessions adds. */
async function each(
  store: SessionStore,
  bytes: number,
  measure: () => number | Promise<number>,
): Promise<number> {
  // What is made at the first one is nobody's.
  await store.create(createId(), textOf(bytes), life)
  const before = await measure()
  for (let stored = 0; stored < sessions; stored += atOnce) {
    const ids = Array.from({ length: Math.min(atOnce, sessions - stored) }, createId)
    await Promise.all(ids.map((id) => store.create(id, textOf(bytes), life)))
  }
  return ((await measure()) - before) / sessions
}

/** As much text, as a session is stored. */
function textOf(bytes: number): string {
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  const bare = JSON.stringify({ cookie, userId: 'ada', note: '' })
  return JSON.stringify({ cookie, userId: 'ada', note: 'x'.repeat(bytes - bare.length) })
}

function heap(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
}

function tell(what: string, bytes: number): void {
  console.log(`${what}: ${Math.round(bytes)} B each, ${Math.round(1e6 / bytes)} per MB`)
}
