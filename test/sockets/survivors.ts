/**
 * A process of its own that serves events over sockets and prints how many **bytes** of each outlive the
 * collections of what is young: V8 remembers them until it collects everything.
 */
import { type HeapProfiler, Session } from 'node:inspector/promises'
import type { Request } from 'express'
import { io, type Socket } from 'socket.io-client'
import { createApp } from '../../src/app.ts'

const [root = '', secret] = process.argv.slice(2)
const app = await createApp(root, {
  overrides: {
    ...{ port: 0, host: '127.0.0.1', session: { secret }, sockets: { rate: false } },
    log: { level: 'silent' },
    routes: {
      'POST /login': ({ session }: Request) => Object.assign(session, { userId: 'ada' }) && {},
      'GET /me': ({ session }: Request) => ({ ...session }),
    },
  },
  environment: { NODE_ENV: 'production' },
})
const { url } = await app.lift()
const login = await fetch(`${url}/login`, { method: 'POST' })
const Cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
const sockets = await Promise.all(Array.from({ length: 20 }, connect))

await send(200)
const session = new Session()
session.connect()
const sampled = { samplingInterval: 1024, includeObjectsCollectedByMajorGC: true }
await session.post('HeapProfiler.startSampling', sampled)
await send(1000)
const { profile } = await session.post('HeapProfiler.stopSampling')
console.log(Math.round(bytesIn(profile.head) / (sockets.length * 1000)))
process.exit()

function connect(): Promise<Socket> {
  const socket = io(url, {
    ...{ transports: ['websocket'], forceNew: true, extraHeaders: { Cookie, Origin: url } },
  })
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}

/** So many events over each socket, one after the other. */
async function send(times: number): Promise<void> {
  const all = sockets.map(async (socket) => {
    for (let time = 0; time < times; time += 1) await socket.emitWithAck('get', { url: '/me' })
  })
  await Promise.all(all)
}

type Node = HeapProfiler.SamplingHeapProfileNode

function bytesIn({ selfSize, children }: Node): number {
  return children.reduce((sum, child) => sum + bytesIn(child), selfSize)
}
