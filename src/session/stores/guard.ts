/**
 * The guard: every command settles within a deadline, whatever the server does, and fails as `E_STORE_DOWN`.
 * A command whose connection broke under it is sent once more when the server is back in time.
 */
import { CatamaranError } from '../../errors.ts'
import { createDeadlines, type Wait } from '../deadlines.ts'
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

interface Run<Client> extends Wait {
  readonly client: Client
  readonly again: boolean
}

/** Guards all commands that go over `link`. Every request comes through here: no timer and no race each. */
export function createGuard<Client>(options: GuardOptions<Client>): Guard<Client> {
  const { name, link, health, deadline, redact, isReply } = options
  const tooLate = () => new Error(`no answer within ${Math.round(deadline)} ms`)
  const deadlines = createDeadlines<Run<Client>>({
    late: tooLate,
    settled({ client, again }, outcome) {
      if (outcome === 'answer' && health.reason) health.up()
      // A second run has only the rest of the time: being late says nothing about a fresh connection.
      if (outcome === 'late' && !again) link.drop(client, tooLate())
    },
  })

  function attempt<T>(
    work: Work<Client, T>,
    run: Run<Client>,
    recover?: (error: unknown) => Promise<T>,
  ): Promise<T> {
    return deadlines.within(run, () => work(run.client, run.again), recover)
  }

  /** Once more, if the connection broke under a first run and is back in time. */
  async function recover<T>(work: Work<Client, T>, { client, end }: Run<Client>, failed: unknown) {
    if (link.current() === client || isReply(failed)) throw refusal(failed)
    try {
      await health.back(Math.max(0, end - performance.now()))
      const fresh = link.current()
      if (fresh === undefined) throw health.reason ?? failed
      return await attempt<T>(work, { client: fresh, again: true, end })
    } catch (error) {
      // Nobody may know yet that it is away: what failed first is all there is to tell.
      throw refusal(error ?? failed)
    }
  }

  function refusal(error: unknown): CatamaranError {
    const refused = isReply(error) && error !== health.reason
    const cause = refused ? redact(error) : (health.reason ?? redact(error))
    if (refused) health.refused(cause)
    return new CatamaranError('E_STORE_DOWN', [name], { cause })
  }

  return {
    run(work) {
      const client = link.current()
      if (client === undefined) return Promise.reject(refusal(health.reason))
      const run = { client, again: false, end: performance.now() + deadline }
      return attempt(work, run, (error) => recover(work, run, error))
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
