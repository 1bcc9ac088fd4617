/**
 * Removes what has expired: slices small enough that no write waits for long, in the worker, and by one
 * of the machine's processes at a time.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../store.ts'
import type { Writer } from './sqlite-writer.ts'

interface SweepOptions {
  writer: Writer
  clock: Clock
  /** **Seconds** between two rounds. */
  every: number
}

/** Records per slice: about a millisecond. */
const slice = 100

/** Starts sweeping; gives what stops it. The timer does not keep the process alive. */
export function startSweeping({ writer, clock, every }: SweepOptions): () => void {
  const holder = randomUUID()
  let round = Promise.resolve()

  async function sweep(): Promise<void> {
    const now = clock()
    // Longer than the pause, so that whoever has it keeps it while he lives.
    if (!(await writer.write({ verb: 'lease', holder, now, until: now + every * 2_000 }))) return
    while ((await writer.write({ verb: 'sweep', now, limit: slice })) === slice);
  }

  const timer = setInterval(() => {
    // A file that is full or locked was told of; the next round tries again.
    round = round.then(sweep).catch(() => {})
  }, every * 1_000)
  timer.unref()

  // A round under way ends by itself: a writer that is closed takes no more.
  return () => clearInterval(timer)
}
