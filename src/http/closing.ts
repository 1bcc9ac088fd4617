/**
 * Closing a server without losing an answer: what is under way is finished, and no client keeps the
 * server open by waiting.
 */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** **Milliseconds** for connections on which nothing was asked yet, such as those browsers open to spare. */
const silence = 500

export interface Closing {
  /** From now on no connection is kept beyond its next answer. */
  drain(): void
  /** Accepts nothing new, lets answers under way finish, and cuts what is left after some **seconds**. */
  close(patience: number): Promise<void>
}

/** Watches a server's answers from when it listens. */
export function createClosing(server: Server): Closing {
  const sockets = new Set<Socket>()
  const answers = new Set<ServerResponse>()
  const { closeIdleConnections } = server
  let draining = false
  let closing = false
  let silent: NodeJS.Timeout | undefined

  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.once('listening', () => {
    // First, and this late: Socket.IO hides its own requests from the listeners it finds.
    server.prependListener('request', watch)
  })
  // Node's own close() calls it too, and cuts answers that have ended but are still on their way.
  server.closeIdleConnections = () => {
    if (answers.size === 0) closeIdleConnections.call(server)
  }

  function watch(_req: unknown, res: ServerResponse): void {
    answers.add(res)
    clearTimeout(silent)
    if (draining) res.shouldKeepAlive = false
    res.once('close', () => {
      answers.delete(res)
      if (closing && answers.size === 0) finish()
    })
  }

  function finish(): void {
    server.closeIdleConnections()
    silent = setTimeout(() => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    }, silence)
  }

  function drain(): void {
    draining = true
    for (const res of answers) res.shouldKeepAlive = false
  }

  function close(patience: number): Promise<void> {
    if (!server.listening) return Promise.resolve()
    drain()
    return new Promise((resolve) => {
      closing = true
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, patience * 1000)
      server.close(() => {
        clearTimeout(cut)
        clearTimeout(silent)
        resolve()
      })
      if (answers.size === 0) finish()
    })
  }

  return { drain, close }
}
