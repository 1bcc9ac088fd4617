/**
 * A server process for sockets. It tells what it is asked for: `heap`, its bytes after two collections; `lines`,
 * how many are open; `cpu`, the **microseconds** of processor time it has taken.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openers, type SocketPeer } from './sockets-peers.ts'

export interface SocketServerOrder {
  readonly peer: SocketPeer
  /** The url of a Redis; without one, sessions are in memory. */
  readonly redis?: string | undefined
}

const { peer, redis } = JSON.parse(process.argv[2] ?? '') as SocketServerOrder

process.on('message', async (asked) => {
  if (asked === 'heap') process.send?.(await heap())
  else if (asked === 'lines') process.send?.(lines())
  else process.send?.(cpu())
})
process.once('disconnect', () => process.exit())
process.send?.(await openers[peer](redis))

async function heap(): Promise<number> {
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.()
    await sleep(200)
  }
  return process.memoryUsage().heapUsed
}

function lines(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
