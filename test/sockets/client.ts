/**
 * A bare Socket.IO 4 client, for what a browser of `testApp` hides.
 */
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { onTestFinished } from 'vitest'

type Options = Partial<ManagerOptions & SocketOptions>

/** Connects until the test has finished; rejects where the handshake is refused. */
export async function connect(url: string, options: Options = {}): Promise<Socket> {
  const socket = io(url, { forceNew: true, reconnection: false, ...options })
  onTestFinished(() => void socket.close())
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

/** What the next event of this name brings. */
export function heard(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve))
}
