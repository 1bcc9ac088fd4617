/**
 * The guard: every command settles within a deadline, whatever the server does, and fails as `E_STORE_DOWN`.
 * A command whose connection broke under it is sent once more when the server is back in time.
 */
import { CatamaranError } from '../../errors.ts'
import type { Health } from './health.ts'

/**
 * One command or a few; it must bear being run twice.
 *
 * @param again - the first run was cut off: what it asked for may have happened
 */
export type Work<Client, T> = (client: Client, again: boolean) => Promise<T>

export interface Guard<Client> {
  /** @throws {CatamaranError} `E_STORE_DOWN`, with the driver's error as its cause */
  run<T>(work: Work<Client, T>): Promise<T>
}

/** Which client to use now, if any. */
export interface Link<Client> {
  /** The client to use now; `undefined` while there is no connection. */
  current(): Client | undefined
  /** Gives up on a client that did not answer in time. */
  drop(client: Client, error: unknown): void
}

export interface GuardOptions<Client> {
  /** The adapter, for the error. */
  name: string
  link: Link<Client>
  health: Health
  /** **Milliseconds** that one `run` may take. */
  deadline: number
  /** Takes secrets out of an error. */
  redact(error: unknown): Error
  /** Tells the server's own refusals from failures to reach it. */
  isReply(error: unknown): boolean
}

/** Guards all commands that go over `link`. */
export function createGuard<Client>(options: GuardOptions<Client>): Guard<Client> {
  const { name, link, health, deadline, redact, isReply } = options

  async function attempt<T>(work: Work<Client, T>, ms: number, again: boolean): Promise<T> {
    const client = link.current()
    if (client === undefined) throw health.reason
    // A second run has only the rest of the time: being late says nothing about a fresh connection.
    const late = (error: Error) => (again ? undefined : link.drop(client, error))
    const value = await within(ms, work(client, again), late)
    if (health.reason) health.up()
    return value
  }

  async function insist<T>(work: Work<Client, T>): Promise<T> {
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
        throw new CatamaranError('E_STORE_DOWN', [name], { cause })
      }
    },
  }
}

/** Settles as `work` does, or rejects after `ms` **milliseconds**, when `late` is told first. */
export function within<T>(ms: number, work: Promise<T>, late?: (error: Error) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      const error = new Error(`no answer within ${Math.round(ms)} ms`)
      late?.(error)
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
