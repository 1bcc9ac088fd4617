/**
 * A server process: one peer behind the app, on a free port of 127.0.0.1. Tells what CPU time it has used
 * when it is asked; ends when its channel is closed.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, parseCookies } from './app.ts'
import { type Kept, openPeer, type PeerName } from './peers.ts'

export interface ServerOrder extends Kept {
  readonly peer: PeerName
  readonly cookieParser: boolean
  /** Sessions of other people in the store. */
  readonly others: number
}

const order = JSON.parse(process.argv[2] ?? '') as ServerOrder
const peer = await openPeer(order.peer, order)
if (order.others > 0) await peer.fill(order.others)

const server = createServer(createApp(peer.session, order.cookieParser ? [parseCookies] : []))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.once('disconnect', () => process.exit())
process.send?.((server.address() as AddressInfo).port)
