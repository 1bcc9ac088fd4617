/**
 * Measures one cell: both peers' servers stand beside each other, and rounds of load alternate between them.
 * What counts is the ratio within each round: a machine that does other things slows both.
 */
import type { Cell } from './cells.ts'
import type { Loaded, LoadOrder } from './load.ts'
import type { PeerName } from './peers.ts'
import { type Helper, startHelper } from './process.ts'
import type { BenchRedis } from './redis.ts'
import type { ServerOrder } from './server.ts'

export interface MeasureOptions {
  readonly rounds: number
  /** Requests of one peer in one round. */
  readonly requests: number
  /** Requests to each peer before it counts. */
  readonly warmup: number
  readonly cookieParser: boolean
  readonly redis: BenchRedis | undefined
}

export interface Measured extends Cell {
  /** **Microseconds** of CPU time of the server process per request: medians. */
  readonly ours: number
  readonly theirs: number
  /** Median of the rounds' ratios, and the quartiles beside it. */
  readonly ratio: number
  readonly spread: readonly [number, number]
  /** Round trips to Redis per request, by command. */
  readonly trips: Partial<Record<PeerName, string>>
}

const peers: readonly PeerName[] = ['catamaran', 'express-session']
/** Each with a session of its own. */
const connections = 16

export async function measure(cell: Cell, options: MeasureOptions): Promise<Measured> {
  const { rounds, requests, warmup, redis } = options
  const load = await startHelper('./load.ts', {})
  const sides: Side[] = []
  try {
    for (const peer of peers) sides.push(await startSide(cell, peer, { load, ...options }))
    // Until the code is compiled as it stays.
    for (const side of sides) await side.run(warmup)
    const results: number[][] = []
    for (let round = 0; round < rounds; round += 1) {
      const order = round % 2 === 0 ? sides : sides.toReversed()
      const spent: Partial<Record<PeerName, number>> = {}
      for (const side of order) spent[side.peer] = await side.run(requests)
      results.push(peers.map((peer) => spent[peer] ?? Number.NaN))
    }
    const trips: Partial<Record<PeerName, string>> = {}
    for (const side of cell.store === 'redis' ? sides : []) {
      trips[side.peer] = await redis?.tripsOf(() => side.run(requests), requests)
    }
    return { ...cell, ...summary(results), trips }
  } finally {
    await Promise.all([load, ...sides].map((one) => one.close()))
  }
}

function summary(results: readonly (readonly number[])[]) {
  const ratios = results.map(([ours = Number.NaN, theirs = Number.NaN]) => ours / theirs)
  return {
    ours: quantile(
      results.map(([ours]) => ours ?? Number.NaN),
      0.5,
    ),
    theirs: quantile(
      results.map(([, theirs]) => theirs ?? Number.NaN),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const,
  }
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

interface Side {
  readonly peer: PeerName
  /** Sends requests and gives the **microseconds** of CPU time each took the server. */
  run(requests: number): Promise<number>
  close(): Promise<void>
}

async function startSide(
  cell: Cell,
  peer: PeerName,
  { load, cookieParser, redis }: MeasureOptions & { load: Helper },
): Promise<Side> {
  const { store, does, bytes } = cell
  const kept = { store, redis: redis && { port: redis.port }, prefix: `bench:${peer}:` }
  const order: ServerOrder = { ...kept, peer, cookieParser, others: 0 }
  const server = await startHelper('./server.ts', order)
  const port = Number(server.first)

  async function send(given: Omit<LoadOrder, 'port'>): Promise<Loaded> {
    const loaded = (await load.ask({ port, ...given } satisfies LoadOrder)) as Loaded
    if (loaded.bad > 0) throw new Error(`${peer} answered ${loaded.bad} requests by no 200`)
    return loaded
  }

  const strangers = Array.from({ length: connections }, () => '')
  const path = `/login?bytes=${bytes}`
  // The last answer of each connection brings the cookie of a session of its own.
  const { cookies } = await send({ path, cookies: strangers, requests: connections * 4 })
  return {
    peer,
    async run(requests) {
      const before = Number(await server.ask('cpu'))
      await send({ path: `/${does}`, cookies, requests })
      return (Number(await server.ask('cpu')) - before) / requests
    },
    close: server.close,
  }
}
