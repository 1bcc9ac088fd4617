/**
 * The clock of a test: it goes as every clock does, and goes ahead when it is told to.
 */
import type { Clock } from '../session/store.ts'

export interface TestClock extends Clock {
  onMove(heed: () => Promise<void>): () => void
  /**
   * Moves time on in one step, and resolves when what had become due in the app has been done: sockets of
   * sessions that are over have been told so. What lies between is skipped: to see `session:expiring`, stop
   * there.
   *
   * @throws {CatamaranError} `E_CLOCK` when the store has a clock of its own
   */
  advance(seconds: number): Promise<void>
}

export function createTestClock(): TestClock {
  const heeders = new Set<() => Promise<void>>()
  let ahead = 0

  return Object.assign(() => Date.now() + ahead, {
    onMove(heed: () => Promise<void>) {
      heeders.add(heed)
      return () => void heeders.delete(heed)
    },
    async advance(seconds: number) {
      if (!(seconds >= 0)) throw new RangeError(`advance() takes seconds from 0 up, not ${seconds}`)
      ahead += seconds * 1000
      await Promise.all([...heeders].map((heed) => heed()))
    },
  })
}
