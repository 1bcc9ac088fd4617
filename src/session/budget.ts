/**
 * Bounds the time one visit waits for the store, all its calls together, and spares it the wait while the
 * store hangs (circuit.ts). Every call of the lifecycle goes through here, whatever the store.
 */
import { CatamaranError } from '../errors.ts'
import { createCircuit, type Passage } from './circuit.ts'
import { createDeadlines, type Wait } from './deadlines.ts'
import type { SessionStore } from './store.ts'

/** Runs a store call within what is left of the visit's time. */
export type Ask = <T>(visit: { waited: number }, call: () => Promise<T>) => Promise<T>

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
  { name }: Pick<SessionStore, 'name'>,
  { seconds, warn }: BudgetOptions,
): Ask {
  // A map can't hang.
  if (name === 'memory') return (_visit, call) => call()

  const limit = seconds * 1000
  const late = () => new CatamaranError('E_STORE_DOWN', [name])
  const circuit = createCircuit({
    limit,
    turned: (state) => warn(state === 'back' ? `The ${name} session store is back` : silent(name)),
  })
  const deadlines = createDeadlines<Call>({
    late,
    settled(call, outcome, error) {
      const now = performance.now()
      call.visit.waited += now - call.started
      circuit.ended(call, isOfPrevious(error) ? 'answer' : outcome, now)
    },
  })

  return (visit, work) => {
    const started = performance.now()
    const left = limit - visit.waited
    if (left <= 0 || circuit.refuses(started) || deadlines.waiting() >= mostWaiting) {
      return Promise.reject(late())
    }
    return deadlines.within({ visit, started, end: started + left, isTrial: circuit.begin() }, work)
  }
}

interface Call extends Wait, Passage {
  readonly visit: { waited: number }
}

function silent(name: string): string {
  return `The ${name} session store has fallen silent: what needs a session answers 503 until it is back`
}

/** The store before this one has a circuit of its own; this one has answered, or it had not been asked. */
function isOfPrevious(error: unknown): boolean {
  return error instanceof CatamaranError && error.code === 'E_PREVIOUS_DOWN'
}
