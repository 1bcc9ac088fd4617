/**
 * A server process for sockets: bare Socket.IO, or an app of ours with a session in memory. Tells its heap
 * after two collections when it is asked.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server } from 'socket.io'
import { createApp } from '../src/app.ts'
import { secret } from './app.ts'

const { peer } = JSON.parse(process.argv[2] ?? '') as { readonly peer: 'bare' | 'catamaran' }
const address = peer === 'bare' ? await openBare() : await openApp()

async function openBare(): Promise<string> {
  const http = createServer()
  const io = new Server(http, { perMessageDeflate: false })
  io.on('connection', (socket) => {
    socket.on('get', (_message: unknown, reply: (answer: unknown) => void) => {
      reply({ statusCode: 200, headers: {}, body: { userId: 'ada' } })
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

async function openApp(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'catamaran-bench-'))
  process.once('exit', () => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  const routes = {
    'POST /login': (req: { session: { userId?: string } }) => {
      req.session.userId = 'ada'
      return {}
    },
    'GET /me': (req: { session: { userId?: string } }) => ({ userId: req.session.userId }),
  }
  const session = { secret, adapter: 'memory' }
  const given = { port: 0, host: '127.0.0.1', routes, session, log: { level: 'silent' } }
  const overrides = { ...given, sockets: { rate: false } }
  const app = await createApp(root, { overrides, environment: {} })
  return (await app.lift()).url
}

process.on('message', async () => {
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  process.send?.({ heap: process.memoryUsage().heapUsed, cpu: process.cpuUsage() })
})
process.once('disconnect', () => process.exit())
process.send?.(address)
