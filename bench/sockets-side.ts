/**
 * One server of the bench of sockets, and its clients in this process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { Run } from './measure.ts'
import { startHelper } from './process.ts'
import type { SocketServerOrder } from './sockets-server.ts'

export interface SocketSide {
  /** Bytes after two collections. */
  heap(): Promise<number>
  /** Connects so many sockets of one logged-in user. */
  connect(times: number): Promise<readonly Socket[]>
  /** Disconnects them, and resolves when the server has noticed. */
  disconnect(sockets: readonly Socket[]): Promise<void>
  /** Makes what sends events over sockets, each with a session of its own. */
  sender(verb: 'get' | 'post', url: string): Promise<Run>
  /** How many of the acknowledged views its sessions have not counted. */
  lost(): Promise<number>
  close(): Promise<void>
}

/** Sockets that send. */
const senders = 50
/** Events of one socket under way; writes of one session at once would be merged by ours, and lost by others. */
const inFlight = { get: 4, post: 1 } as const
/** Connected at a time. */
const atATime = 50

export async function startSocketSide(order: SocketServerOrder): Promise<SocketSide> {
  const server = await startHelper('sockets-server.ts', order, ['--expose-gc'])
  const url = String(server.first)
  const cookies = await Promise.all(Array.from({ length: senders }, () => login(url)))
  const sending = new Set<Socket>()
  const viewed = new Map<Socket, number>()

  async function connect(times: number): Promise<readonly Socket[]> {
    const sockets: Socket[] = []
    while (sockets.length < times) {
      const length = Math.min(atATime, times - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length }, () => open(url, cookies[0])))))
    }
    return sockets
  }

  async function disconnect(sockets: readonly Socket[]): Promise<void> {
    for (const socket of sockets) socket.close()
    while (Number(await server.ask('lines')) > sending.size) await sleep(50)
  }

  async function sender(verb: 'get' | 'post', path: string): Promise<Run> {
    const sockets = await Promise.all(cookies.map((cookie) => open(url, cookie)))
    for (const socket of sockets) sending.add(socket)
    const send = async (socket: Socket, times: number) => {
      for (let sent = 0; sent < times; sent += 1) {
        const { statusCode } = await socket.emitWithAck(verb, { url: path })
        if (statusCode !== 200) throw new Error(`${order.peer} answered ${statusCode}`)
        if (verb === 'post') viewed.set(socket, (viewed.get(socket) ?? 0) + 1)
      }
    }
    return async (events) => {
      const before = Number(await server.ask('cpu'))
      const sleepAgain = stayAwake()
      const all = Array.from({ length: inFlight[verb] }, () => sockets).flat()
      await Promise.all(all.map((socket) => send(socket, events / all.length)))
      sleepAgain()
      return (Number(await server.ask('cpu')) - before) / events
    }
  }

  async function lost(): Promise<number> {
    let missing = 0
    for (const [socket, times] of viewed) {
      const { body } = await socket.emitWithAck('post', { url: '/view' })
      missing += times + 1 - body.views
    }
    return missing
  }

  async function close(): Promise<void> {
    for (const socket of sending) socket.close()
    await server.close()
  }

  const heap = async () => Number(await server.ask('heap'))
  return { heap, connect, disconnect, sender, lost, close }
}

/** The session cookie of someone who has just logged in; none where there are no sessions. */
async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: 'POST' })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

function open(url: string, cookie = ''): Promise<Socket> {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    // Those that are still open when their server ends would keep this process.
    reconnection: false,
    // What Sails asks for, as its own client sends it.
    query: { __sails_io_sdk_version: '1.2.1' },
    extraHeaders: { Cookie: cookie, Origin: url },
  })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', reject)
  })
}

/** As the load of the other benches: who sleeps has to be woken, at the server's cost. */
function stayAwake(): () => void {
  let next = setImmediate(function turn() {
    next = setImmediate(turn)
  })
  return () => clearImmediate(next)
}
