/**
 * `config/bootstrap`: a function of the app that runs before the doors open. It may be async, or call back.
 */
import { CatamaranError } from './errors.ts'

/** What an app writes in `config/bootstrap.ts`. One that takes `done` and is not async calls it. */
export type BootstrapConfigInput = (done: Done) => unknown

type Done = (error?: unknown) => void

/** **Milliseconds** after which the log says what a start waits for. */
const patience = 10_000

/**
 * Runs it, and waits for it.
 *
 * @throws {CatamaranError} `E_BOOTSTRAP`
 */
export async function bootstrap(given: unknown, warn: (message: string) => void): Promise<void> {
  if (typeof given !== 'function') throw new CatamaranError('E_BOOTSTRAP', ['it is no function'])
  const timer = setTimeout(() => warn('config/bootstrap has not finished yet'), patience)
  try {
    await run(given as Bootstrap)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CatamaranError('E_BOOTSTRAP', [why], { cause })
  } finally {
    clearTimeout(timer)
  }
}

type Bootstrap = (done?: Done) => unknown

/** One that takes a parameter calls back, unless it is async, as in Sails. */
function run(fn: Bootstrap): Promise<unknown> {
  if (fn.length === 0) return Promise.resolve(fn())
  return new Promise((resolve, reject) => {
    const result = fn((error) => (error ? reject(error) : resolve(undefined)))
    if (result instanceof Promise) result.then(resolve, reject)
  })
}
