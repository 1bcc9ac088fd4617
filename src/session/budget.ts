/**
 * Bounds the time one visit waits for the store, all its calls together, and spares it the wait while the
 * store hangs (circuit.ts). Every call of the lifecycle goes through here, whatever the store.
 */
import { CatamaranError } from '../errors.ts'
import { type Circuit, createCircuit, type Passage } from './circuit.ts'
import { createDeadlines, type Wait } from './deadlines.ts'
import type { SessionStore } from './store.ts'

/**
 * Runs a store call within what is left of the visit's time.
 *
 * @param does - `read` of calls that change nothing: a file answers them while others keep its writers out
 */
export type Ask = <T>(
  visit: { waited: number },
  call: () => Promise<T>,
  does?: 'read' | 'write',
) => Promise<T>

export interface BudgetOptions {
  /** All the time a visit may wait, in **seconds**. */
  readonly seconds: number
  /** Told when the store falls silent, and when it is back. */
  warn(message: string): void
}

/** Calls that may wait at a time; more would only fill the memory while a store hangs. */
const mostWaiting = 10_000

/**
 * @returns a function that rejects with `E_STORE_DOWN` when the time is spent, and at once while the store
 *   is known to hang
 */
export function createBudget(
  { name, reach }: Pick<SessionStore, 'name' | 'reach'>,
  { seconds, warn }: BudgetOptions,
): Ask {
  // A map can't hang.
  if (name === 'memory') return (_visit, call) => call()

  const limit = seconds * 1000
  const late = () => new CatamaranError('E_STORE_DOWN', [name])
  const circuitOf = (needs: string, back: string) =>
    createCircuit({
      limit,
      turned: (state) =>
        warn(`The ${name} session store ${state === 'back' ? back : silent(needs)}`),
    })
  const isFile = reach === 'machine'
  const writes = isFile
    ? circuitOf('writes to', 'takes writes again')
    : circuitOf('needs', 'is back')
  const reads = isFile ? circuitOf('needs', 'can be read again') : writes
  const deadlines = createDeadlines<Call>({
    late,
    settled(call, outcome, error) {
      const now = performance.now()
      call.visit.waited += now - call.started
      call.circuit.ended(call, isOfPrevious(error) ? 'answer' : outcome, now)
    },
  })

  return (visit, work, does) => {
    const circuit = does === 'read' ? reads : writes
    const started = performance.now()
    const left = limit - visit.waited
    if (left <= 0 || circuit.refuses(started) || deadlines.waiting() >= mostWaiting) {
      return Promise.reject(late())
    }
    const call = { visit, circuit, started, end: started + left, isTrial: circuit.begin() }
    return deadlines.within(call, work)
  }
}

interface Call extends Wait, Passage {
  readonly visit: { waited: number }
  readonly circuit: Circuit
}

const silent = (needs: string) =>
  `has fallen silent: what ${needs} a session answers 503 until it is back`

/** The store before this one has a circuit of its own; this one has answered, or it had not been asked. */
function isOfPrevious(error: unknown): boolean {
  return error instanceof CatamaranError && error.code === 'E_PREVIOUS_DOWN'
}
