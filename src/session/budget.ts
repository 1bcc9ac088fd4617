/**
 * Bounds the time one visit waits for the store, all its calls together.
 */
import { CatamaranError } from '../errors.ts'
import type { SessionStore } from './store.ts'

/** Runs a store call within what is left of the visit's time. */
export type Ask = <T>(visit: { waited: number }, call: () => Promise<T>) => Promise<T>

/**
 * @param seconds - all the time a visit may wait, in **seconds**
 * @returns a function that rejects with `E_STORE_DOWN` when that time is spent
 */
export function createBudget(store: SessionStore, seconds: number): Ask {
  // A map can't hang: it needs no timer.
  if (store.name === 'memory') return (_visit, call) => call()

  return async (visit, call) => {
    const started = performance.now()
    const left = seconds * 1000 - visit.waited
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CatamaranError('E_STORE_DOWN', [store.name])), left)
    })
    try {
      return await Promise.race([call(), late])
    } finally {
      clearTimeout(timer)
      visit.waited += performance.now() - started
    }
  }
}
