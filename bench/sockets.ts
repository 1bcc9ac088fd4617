/**
 * `npm run bench:sockets`: what sockets cost. Processor time of events, heap for each socket that is idle, heap
 * that waves of them leave behind, round trips to Redis; ends with an error where ours lost a view. `-- 5 500`
 * plays 5 rounds with 500 sockets.
 */
import { existsSync } from 'node:fs'
import { alternate, compared } from './measure.ts'
import { type BenchRedis, startBenchRedis } from './redis.ts'
import type { SocketPeer } from './sockets-peers.ts'
import { startSocketSide } from './sockets-side.ts'

const rounds = Number(process.argv[2] ?? 15)
const idle = Number(process.argv[3] ?? 2000)
const waves = 6
const events = 2000
const warmup = 10_000

const redis = await startBenchRedis()
try {
  await compare('read, memory', ['get', '/me'], { peers: ['ours', 'bare'] })
  if (existsSync(new URL('../test/fixtures/real-sails/node_modules', import.meta.url))) {
    await compare('read, memory', ['get', '/me'], { peers: ['ours', 'bare', 'sails'] })
  } else {
    console.log('no Sails: `npm ci` in test/fixtures/real-sails installs it')
  }
  await compare('write, redis', ['post', '/view'], { peers: ['ours', 'how-to'], redis })
  await countTrips(redis)
} finally {
  await redis.close()
}
for (const peer of ['bare', 'ours'] as const) await weigh(peer)

/** Processor time of an event, in turns, as ratios to the last peer's. */
async function compare(
  what: string,
  [verb, path]: readonly ['get' | 'post', string],
  { peers, redis }: { readonly peers: readonly SocketPeer[]; readonly redis?: BenchRedis },
): Promise<void> {
  const orders = peers.map((peer) => ({ peer, redis: redis?.url }))
  const sides = await Promise.all(orders.map(startSocketSide))
  const runs = await Promise.all(sides.map((side) => side.sender(verb, path)))
  const spent = await alternate(runs, { rounds, requests: events, warmup })
  const lost = (await sides[0]?.lost()) ?? 0
  if (lost !== 0) throw new Error(`ours lost ${lost} acknowledged views`)
  await Promise.all(sides.map((side) => side.close()))
  for (const [at, peer] of peers.entries()) {
    const { each, ratio, spread } = compared(spent, at)
    const quartiles = spread.map((one) => one.toFixed(2)).join('–')
    console.log(`${what}: ${peer} ${each.toFixed(1)} µs, ratio ${ratio.toFixed(2)} (${quartiles})`)
  }
}

async function countTrips(redis: BenchRedis): Promise<void> {
  const side = await startSocketSide({ peer: 'ours', redis: redis.url })
  const connections = 100
  const connect = await redis.tripsOf(() => side.connect(connections), connections)
  const reads = await side.sender('get', '/me')
  const writes = await side.sender('post', '/view')
  await writes(events)
  const read = await redis.tripsOf(() => reads(events), events)
  const write = await redis.tripsOf(() => writes(events), events)
  await side.close()
  console.log(`round trips: connection ${connect}; read ${read}; write ${write}`)
}

/** Heap for each idle socket, and what is left of those that came and went. */
async function weigh(peer: SocketPeer): Promise<void> {
  const side = await startSocketSide({ peer })
  await side.disconnect(await side.connect(50))
  const before = await side.heap()
  const sockets = await side.connect(idle)
  const each = Math.round(((await side.heap()) - before) / idle)
  await side.disconnect(sockets)
  const heaps: number[] = []
  for (let wave = 0; wave < waves; wave += 1) {
    await side.disconnect(await side.connect(idle / 2))
    heaps.push(await side.heap())
  }
  const left = ((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)) / ((waves - 1) * (idle / 2))
  await side.close()
  console.log(
    `${peer}: ${each} B of heap per idle socket, ${Math.round(left)} B left per connection over waves 2-${waves}`,
  )
}
