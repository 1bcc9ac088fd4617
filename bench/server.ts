/**
 * A server process: one peer behind the app.
 */
import { createServer } from 'node:http'
import { createApp, parseCookies } from './app.ts'
import { openPeer, type PeerOrder } from './peers.ts'
import { serve } from './serve.ts'

export interface ServerOrder extends PeerOrder {
  readonly cookieParser: boolean
}

const order = JSON.parse(process.argv[2] ?? '') as ServerOrder
const before = heapNow()
const session = await openPeer(order)
const heap = heapNow() - before

await serve(createServer(createApp(session, order.cookieParser ? [parseCookies] : [])), { heap })

/** What is in use, where it can be told from what may be thrown away. */
function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
