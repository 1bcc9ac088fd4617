/**
 * The store contract as tests: every sentence of src/session/store.ts, for any store.
 * Takes `describe` and `it` from the caller, so that it runs under vitest, node:test or mocha alike.
 */
import type { OpenedStore } from './store-ground.ts'
import { storePromises } from './store-promises.ts'

export type { OpenedStore }

/** The two functions of a test runner that the contract uses. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/**
 * Declares the contract's tests for one store.
 *
 * @param open - opens an empty store; called once per test
 */
export function storeContract(
  name: string,
  open: () => Promise<OpenedStore>,
  { describe, it }: TestRunner,
): void {
  describe(`the ${name} store`, () => {
    for (const [promise, test] of Object.entries(storePromises)) {
      it(promise, async () => {
        const opened = await open()
        try {
          await test(opened)
        } finally {
          await opened.close()
        }
      })
    }
  })
}
