/**
 * Measures the memory store with few and with very many sessions, as requests meet it: the same 1,000
 * visitors, whose sessions lie anywhere among the others, read and write over HTTP.
 */
import { createSigner } from '../src/session/cookie.ts'
import { secret } from './app.ts'
import { alternate, type Counts, compared } from './measure.ts'
import { idOf, sessionOf } from './peers.ts'
import { startHelper } from './process.ts'
import { type Side, startSide } from './sides.ts'

export interface ManyResult {
  readonly sessions: number
  /** **Microseconds** of CPU time of the server per request: medians. */
  readonly read: number
  readonly write: number
  /** Medians of the rounds' ratios to the store with few. */
  readonly readRatio: number
  readonly writeRatio: number
  /** Heap bytes per session, its id and its text included. */
  readonly heap: number
  /** Length of its id and its text. */
  readonly characters: number
}

/** Visitors who come while it is measured; the store with few holds no others. */
const few = 1_000

export async function measureMany(many: number, counts: Counts): Promise<ManyResult[]> {
  const load = await startHelper('./load.ts', {})
  const sizes = [many, few]
  const sides: Side[] = []
  try {
    for (const others of sizes) {
      const order = { name: `${others}`, peer: 'catamaran', cookieParser: false } as const
      sides.push(await startSide(order, { load, store: 'memory', redis: undefined, others }))
    }
    const read = await play(sides, '/read', sizes, counts)
    const write = await play(sides, '/write', sizes, counts)
    const heaps = await Promise.all(sides.map((side) => side.heapOfOthers()))
    return sizes.map((sessions, at) => ({
      sessions,
      ...named(compared(read, at), compared(write, at)),
      heap: Math.round((heaps[at] ?? Number.NaN) / sessions),
      characters: JSON.stringify(sessionOf(sessions)).length + idOf(sessions).length,
    }))
  } finally {
    await Promise.all([load, ...sides].map((one) => one.close()))
  }
}

function play(
  sides: readonly Side[],
  path: string,
  sizes: readonly number[],
  counts: Counts,
): Promise<number[][]> {
  const runs = sides.map((side, at) => {
    const cookies = visitors(sizes[at] ?? few)
    return (requests: number) => side.run(path, cookies, requests)
  })
  return alternate(runs, counts)
}

/** Cookies of as many sessions, evenly spread over all that are stored. */
function visitors(stored: number): string[] {
  const signer = createSigner('connect.sid', [secret])
  const step = Math.max(1, Math.floor(stored / few))
  return Array.from({ length: few }, (_, at) => {
    const id = idOf((at * step + ((at * 7) % step)) % stored)
    return `connect.sid=${encodeURIComponent(signer.sign(id))}`
  })
}

function named(read: ReturnType<typeof compared>, write: ReturnType<typeof compared>) {
  return {
    read: read.each,
    write: write.each,
    readRatio: read.ratio,
    writeRatio: write.ratio,
  }
}
