/**
 * Plays many random programs on a store and says what came of it; the first that fails is made small and
 * told.
 */
import { createCrew, type PlayedHistory } from './crew.ts'
import type { Place } from './places.ts'
import { createProgram, type Program } from './program.ts'
import { shrink } from './shrink.ts'
import { tell } from './tale.ts'
import { judge } from './verdict.ts'

export interface Result {
  readonly seed: number
  readonly histories: number
  readonly events: number
  readonly wrong: number
  readonly lost: number
  readonly resurrected: number
  readonly stale: number
  /** The first wrong history, made small. */
  readonly tale: string | undefined
}

export interface CheckOptions {
  readonly seed: number
  readonly histories: number
  readonly make?: (seed: number) => Program
  /** Whether a failing history is made small. */
  readonly small?: boolean
  onProgress?(done: number): void
}

/** Histories played at once. */
const batch = 50

export async function check(places: readonly Place[], options: CheckOptions): Promise<Result> {
  const { seed, histories, make = createProgram, small = true, onProgress } = options
  const crew = await createCrew(places)
  const sum = { events: 0, wrong: 0, lost: 0, resurrected: 0, stale: 0 }
  let first: PlayedHistory | undefined
  try {
    for (let done = 0; done < histories; done += batch) {
      const count = Math.min(batch, histories - done)
      const programs = Array.from({ length: count }, (_, index) => make(seed + done + index))
      for (const history of await crew.play(programs)) {
        const { right, ...found } = judge(history)
        sum.events += Object.values(history.clients).flat().length
        if (right) continue
        first ??= history
        sum.wrong += 1
        for (const kind of ['lost', 'resurrected', 'stale'] as const)
          sum[kind] += found[kind].length
      }
      onProgress?.(done + count)
    }
    const told = first && small ? await shrink(crew, first) : first
    return { seed, histories, ...sum, tale: told && tell(told) }
  } finally {
    await crew.close()
  }
}
