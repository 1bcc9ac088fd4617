/**
 * A server process: one peer behind the app, on a free port of 127.0.0.1. Tells what CPU time it has used
 * when it is asked; ends when its channel is closed.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, parseCookies } from './app.ts'
import { openPeer, type PeerOrder } from './peers.ts'

export interface ServerOrder extends PeerOrder {
  readonly cookieParser: boolean
}

const order = JSON.parse(process.argv[2] ?? '') as ServerOrder
const before = heapNow()
const session = await openPeer(order)
const heap = heapNow() - before

const server = createServer(createApp(session, order.cookieParser ? [parseCookies] : []))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.once('disconnect', () => process.exit())
process.send?.({ port: (server.address() as AddressInfo).port, heap })

/** What is in use, where it can be told from what may be thrown away. */
function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
