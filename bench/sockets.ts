/**
 * What sockets cost: heap for each that is connected and idle, heap that waves of them leave behind, and
 * processor time for each event; beside a bare Socket.IO. `npm run bench:sockets`.
 */
import { io, type Socket } from 'socket.io-client'
import { startHelper } from './process.ts'

interface State {
  readonly heap: number
  readonly cpu: { readonly user: number; readonly system: number }
}

const count = Number(process.argv[2] ?? 2000)
const wave = count / 2
const events = 10_000

for (const peer of ['bare', 'catamaran'] as const) {
  const server = await startHelper('sockets-server.ts', { peer }, ['--expose-gc'])
  const url = String(server.first)
  const ask = async () => (await server.ask({})) as State
  const cookie = peer === 'bare' ? 'sails.sid=none' : await login(url)
  await closed(await connectAll(url, 50, cookie))

  const before = await ask()
  const idle = await connectAll(url, count, cookie)
  const full = await ask()
  const perSocket = Math.round((full.heap - before.heap) / count)
  const perEvent = await costOf(idle.slice(0, 50), ask)
  await closed(idle)

  const heaps: number[] = []
  for (let round = 1; round <= 6; round += 1) {
    await closed(await connectAll(url, wave, cookie))
    heaps.push((await ask()).heap)
  }
  const left = Math.round(((heaps[5] ?? 0) - (heaps[0] ?? 0)) / (5 * wave))
  console.log(
    `${peer}: ${perSocket} B of heap per idle socket, ${left} B left per connection over waves 2-6, ` +
      `${perEvent} µs of processor time per read (median of 5)`,
  )
  await server.close()
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: 'POST' })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

async function connectAll(url: string, times: number, cookie: string): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < times) {
    const some = Array.from({ length: Math.min(50, times - sockets.length) }, () =>
      connected(url, cookie),
    )
    sockets.push(...(await Promise.all(some)))
  }
  return sockets
}

function connected(url: string, cookie: string): Promise<Socket> {
  const extraHeaders = { Cookie: cookie }
  const socket = io(url, { transports: ['websocket'], forceNew: true, extraHeaders })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', reject)
  })
}

/** Resolves when the server has noticed, too. */
async function closed(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.close()
  await new Promise((resolve) => setTimeout(resolve, 1000))
}

/** Processor time of a read over sockets with four in flight each. */
async function costOf(sockets: readonly Socket[], ask: () => Promise<State>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const { cpu: before } = await ask()
    await Promise.all(sockets.flatMap((socket) => Array.from({ length: 4 }, () => read(socket))))
    const { cpu: after } = await ask()
    rounds.push((after.user + after.system - before.user - before.system) / events)
  }
  // The first round warms up.
  const sorted = rounds.slice(1).sort((a, b) => a - b)
  return Math.round((sorted[2] ?? 0) * 10) / 10
}

async function read(socket: Socket): Promise<void> {
  for (let times = 0; times < events / 200; times += 1) {
    await socket.emitWithAck('get', { url: '/me' })
  }
}
