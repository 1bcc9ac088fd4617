/**
 * The guard: every command settles within a deadline, whatever the server does, and fails as `E_STORE_DOWN`.
 * A command whose connection broke under it is sent once more when Redis is back in time.
 */
import { CatamaranError } from '../../errors.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisHealth } from './redis-health.ts'
import type { RedisLink } from './redis-link.ts'

/**
 * One command or a few; it must bear being run twice.
 *
 * @param again - the first run was cut off: what it asked for may have happened
 */
export type RedisWork<T> = (client: RedisClient, again: boolean) => Promise<T>

export interface RedisGuard {
  /** @throws {CatamaranError} `E_STORE_DOWN`, with the driver's error as its cause */
  run<T>(work: RedisWork<T>): Promise<T>
}

interface GuardOptions {
  link: RedisLink
  health: RedisHealth
  /** **Milliseconds** that one `run` may take. */
  deadline: number
  /** Takes secrets out of an error. */
  redact(error: unknown): Error
}

/** Guards all commands that go over `link`. */
export function createGuard({ link, health, deadline, redact }: GuardOptions): RedisGuard {
  async function attempt<T>(work: RedisWork<T>, ms: number, again: boolean): Promise<T> {
    const client = link.current()
    if (client === undefined) throw health.reason
    // A second run has only the rest of the time: being late says nothing about a fresh connection.
    const late = (error: Error) => (again ? undefined : link.drop(client, error))
    const value = await within(ms, work(client, again), late)
    if (health.reason) health.up()
    return value
  }

  async function insist<T>(work: RedisWork<T>): Promise<T> {
    const end = performance.now() + deadline
    const before = link.current()
    try {
      return await attempt(work, deadline, false)
    } catch (error) {
      const cutOff = before !== undefined && link.current() !== before
      if (!cutOff || isReply(error)) throw error
      const left = () => Math.max(0, end - performance.now())
      await health.back(left())
      return attempt(work, left(), true)
    }
  }

  return {
    async run(work) {
      try {
        return await insist(work)
      } catch (error) {
        const refused = isReply(error) && error !== health.reason
        const cause = refused ? redact(error) : (health.reason ?? redact(error))
        if (refused) health.refused(cause)
        throw new CatamaranError('E_STORE_DOWN', ['redis'], { cause })
      }
    },
  }
}

/** Redis's own errors begin with their kind: `OOM command not allowed`, `READONLY You can't write`. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && /^[A-Z]{2,} /.test(error.message)
}

function within<T>(ms: number, work: Promise<T>, late: (error: Error) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      const error = new Error(`no answer within ${Math.round(ms)} ms`)
      late(error)
      reject(error)
    }
    // When this process was busy, the answer may be here unread: let the sockets speak first.
    let turn: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      turn = setImmediate(giveUp)
    }, ms)
    const settled = () => {
      clearTimeout(timer)
      clearImmediate(turn)
    }
    work.then(resolve, reject).finally(settled)
  })
}
