/**
 * Calls methods of Connect stores that others wrote: they call back at once, later or never, throw, or
 * give a promise. Here each call is one promise with a deadline.
 */
import { CatamaranError } from '../../errors.ts'

type Method = (...given: unknown[]) => unknown

/** A store that others wrote for express-session; `touch` and the rest are theirs to leave out. */
export interface ConnectStore {
  get: unknown
  set: unknown
  destroy: unknown
}

/** Makes the function that calls a store's methods. */
export type Call = (method: string, ...given: unknown[]) => Promise<unknown>

export interface CallOptions {
  name: string
  /** How long one call may take, in **seconds**. */
  seconds: number
  /** What a call rejects with, made of what the store said; that itself unless given. */
  errorOf?(said: unknown): unknown
}

/**
 * @returns a function that rejects with what the store says, or with `E_STORE_DOWN` when it says nothing
 */
export function createCall(store: ConnectStore, options: CallOptions): Call {
  const { name, seconds, errorOf = (said) => said } = options

  return (method, ...given) =>
    new Promise((resolve, reject) => {
      const late = () => reject(new CatamaranError('E_STORE_DOWN', [name]))
      const timer = setTimeout(late, seconds * 1000)
      const settled = (settle: () => void) => {
        clearTimeout(timer)
        settle()
      }
      // Looked up anew: an app may have put another function there.
      const member = Reflect.get(store, method) as Method
      const done = (error?: unknown, value?: unknown) =>
        settled(() => (error ? reject(errorOf(error)) : resolve(value)))
      try {
        const returned = member.call(store, ...given, done)
        if (isThenable(returned)) {
          returned.then((value: unknown) => {
            // An async method may hand on its callback before that is called: nothing is no answer then.
            if (value !== undefined || member.length <= given.length) done(null, value)
          }, done)
        }
      } catch (error) {
        done(error ?? new Error(`${name}.${method} threw nothing`))
      }
    })
}

/** Whether a store has this method; Connect asks for three only. */
export function has(store: object, method: string): boolean {
  return typeof Reflect.get(store, method) === 'function'
}

/** Whether a value can serve as a Connect store. */
export function isConnectStore(value: unknown): value is ConnectStore {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return ['get', 'set', 'destroy'].every((method) => has(value, method))
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && has(value, 'then')
}
