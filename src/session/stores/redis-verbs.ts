/**
 * The verbs that connect-redis lacks, as guarded Redis commands: read with renewal, create, swap, touch,
 * life, and a destroy that tells what was there.
 * One command and one round trip each; every one may be sent twice without harm.
 */
import { createHash } from 'node:crypto'
import type { SessionStore, SwapResult } from '../store.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisGuard } from './redis-guard.ts'

interface VerbOptions {
  guard: RedisGuard
  prefix: string
  warn(message: string): void
}

/**
 * Compares the whole text, since other writers keep no version beside it, and gives what is stored,
 * so that a merge needs no second read.
 */
const swapScript = `
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], unpack(ARGV, 3))
  return 1
end
return current`
const swapSha = createHash('sha1').update(swapScript).digest('hex')

/** Builds the verbs for the keys `prefix` + id. */
export function createVerbs({
  guard,
  prefix,
  warn,
}: VerbOptions): Pick<
  SessionStore,
  'read' | 'create' | 'swap' | 'touch' | 'destroy' | 'secondsLeft'
> {
  const unreadable = createUnreadable(prefix, warn)

  return {
    read(id, renew) {
      const key = prefix + id
      const forever = renew === undefined || !Number.isFinite(renew)
      return guard.run((redis) => {
        const reading = forever ? redis.get(key) : redis.getEx(key, lifeOf(renew))
        return reading.then(known, unreadable)
      })
    },
    create(id, text, ttl) {
      const key = prefix + id
      return guard.run(async (redis, again) => {
        const done = await redis.set(key, text, { ...expiring(ttl), condition: 'NX' })
        return done !== null || (again && (await redis.get(key)) === text)
      })
    },
    swap(id, before, after, ttl) {
      const life = Number.isFinite(ttl) ? ['EX', String(lifeOf(ttl).value)] : []
      const input = { keys: [prefix + id], arguments: [before, after, ...life] }
      return guard.run((redis, again) => {
        const resultOf = (reply: unknown): SwapResult => {
          if (reply === 1 || (again && reply === after)) return 'done'
          return { text: typeof reply === 'string' ? reply : undefined }
        }
        return redis
          .evalSha(swapSha, input)
          .then(resultOf, (error) => teach(redis, input, error).catch(unreadable).then(resultOf))
      })
    },
    touch(id, ttl) {
      const { value } = lifeOf(ttl)
      return guard.run(async (redis) => Number(await redis.expire(prefix + id, value)) === 1)
    },
    async secondsLeft(id) {
      const ms = Number(await guard.run((redis) => redis.pTTL(prefix + id)))
      // -1: it never expires; -2: there is none.
      if (ms === -1) return Number.POSITIVE_INFINITY
      return ms < 0 ? undefined : ms / 1000
    },
    destroy(id) {
      const key = prefix + id
      return guard.run(async (redis) => {
        const removed = await redis.getDel(key).catch(unreadable)
        // What holds no text must go too.
        if (removed === undefined) await redis.del(key)
        return removed ?? undefined
      })
    },
  }
}

/** Whole seconds, as connect-redis writes; 0 would delete the key. */
const lifeOf = (ttl: number) => ({ type: 'EX' as const, value: Math.max(1, Math.ceil(ttl)) })

/** A record whose life is `Infinity` never expires. */
const expiring = (ttl: number) => (Number.isFinite(ttl) ? { expiration: lifeOf(ttl) } : {})

/** Redis forgets scripts when it restarts or fails over; EVAL teaches it again. */
async function teach(
  redis: RedisClient,
  input: Parameters<RedisClient['eval']>[1],
  error: unknown,
): Promise<unknown> {
  if (!mentions(error, 'NOSCRIPT')) throw error
  return redis.eval(swapScript, input)
}

const known = (text: string | null) => text ?? undefined

/** Treats a key that holds no text (a list, a hash) as no session, and says so once. */
function createUnreadable(prefix: string, warn: (message: string) => void) {
  let told = false
  return (error: unknown): undefined => {
    if (!mentions(error, 'WRONGTYPE')) throw error
    if (!told) warn(`A redis key under "${prefix}" holds no text: its session counts as unknown`)
    told = true
    return undefined
  }
}

function mentions(error: unknown, kind: string): boolean {
  return error instanceof Error && error.message.includes(kind)
}
