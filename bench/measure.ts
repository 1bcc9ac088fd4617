/**
 * Measures one cell: the servers of all sides stand beside each other, and rounds of load alternate between
 * them. What counts is the ratio within each round: a machine that does other things slows all of them.
 */
import type { Cell } from './cells.ts'
import { startHelper } from './process.ts'
import type { BenchRedis } from './redis.ts'
import { type Side, type SideOrder, startSide } from './sides.ts'

export interface Counts {
  readonly rounds: number
  /** Requests to each side in one round. */
  readonly requests: number
  /** Requests to each side before it counts. */
  readonly warmup: number
}

export interface MeasureOptions extends Counts {
  readonly sides: readonly SideOrder[]
  readonly redis: BenchRedis | undefined
}

export interface Measured extends Cell {
  readonly results: readonly Result[]
}

export interface Result {
  readonly side: string
  /** **Microseconds** of CPU time of the server process per request: the median. */
  readonly each: number
  /** Median of the rounds' ratios to the last side, and the quartiles beside it. */
  readonly ratio: number
  readonly spread: readonly [number, number]
  /** Round trips to Redis per request, by command. */
  readonly trips: string | undefined
}

/** Each with a session of its own. */
const connections = 16

export async function measure(cell: Cell, options: MeasureOptions): Promise<Measured> {
  const { requests, redis } = options
  const { store, does, bytes } = cell
  const load = await startHelper('./load.ts', {})
  const sides: Side[] = []
  try {
    for (const order of options.sides) sides.push(await startSide(order, { load, store, redis }))
    const runs: Run[] = []
    for (const side of sides) runs.push(await loggedIn(side, `/${does}`, bytes))
    const rounds = await alternate(runs, options)
    const trips: (string | undefined)[] = []
    for (const run of store === 'redis' ? runs : []) {
      trips.push(await redis?.tripsOf(() => run(requests), requests))
    }
    const results = sides.map(({ name }, at) => ({
      side: name,
      ...compared(rounds, at),
      trips: trips[at],
    }))
    return { ...cell, results }
  } finally {
    await Promise.all([load, ...sides].map((one) => one.close()))
  }
}

/** Sends so many requests and gives the **microseconds** each took. */
export type Run = (requests: number) => Promise<number>

/** Logs visitors in, each with a session of so many bytes. */
export async function loggedIn(side: Side, path: string, bytes = 0): Promise<Run> {
  const cookies = await side.logIn(`/login?bytes=${bytes}`, connections)
  return (requests) => side.run(path, cookies, requests)
}

/** Plays the rounds, in turns forwards and backwards, after some that warm up. */
export async function alternate(
  runs: readonly Run[],
  { rounds, requests, warmup }: Counts,
): Promise<number[][]> {
  // Until the code is compiled as it stays.
  for (const run of runs) await run(warmup)
  const results: number[][] = []
  for (let round = 0; round < rounds; round += 1) {
    const order = runs.map((run, at) => ({ run, at }))
    const spent: number[] = []
    for (const { run, at } of round % 2 === 0 ? order : order.toReversed()) {
      spent[at] = await run(requests)
    }
    results.push(spent)
  }
  return results
}

/** One side of all rounds beside the last side. */
export function compared(rounds: readonly (readonly number[])[], at: number) {
  const spent = rounds.map((round) => round[at] ?? Number.NaN)
  const ratios = rounds.map((round) => (round[at] ?? Number.NaN) / (round.at(-1) ?? Number.NaN))
  return {
    each: quantile(spent, 0.5),
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const,
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
