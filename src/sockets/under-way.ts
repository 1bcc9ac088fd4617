/**
 * Which events are under way, so that the app can wait for them before it closes. An event that is never
 * answered costs nothing but its count, and that until its socket goes.
 */
import type { Socket } from 'socket.io'

export interface UnderWay {
  begin(socket: Socket): void
  end(socket: Socket): void
  /** Nobody waits for the events of a socket that has gone. */
  forget(socket: Socket): void
  /** Resolves when no event is under way, after some **seconds** at the latest. */
  settled(patience: number): Promise<void>
}

export function createUnderWay(): UnderWay {
  const counts = new Map<Socket, number>()
  let all = 0
  let whenSettled = () => {}

  function begin(socket: Socket): void {
    all += 1
    counts.set(socket, (counts.get(socket) ?? 0) + 1)
  }

  function end(socket: Socket): void {
    const count = counts.get(socket)
    if (!count) return
    counts.set(socket, count - 1)
    finish(1)
  }

  function forget(socket: Socket): void {
    const count = counts.get(socket) ?? 0
    counts.delete(socket)
    finish(count)
  }

  function finish(some: number): void {
    all -= some
    if (all === 0) whenSettled()
  }

  function settled(patience: number): Promise<void> {
    if (all === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience * 1000)
      whenSettled = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  return { begin, end, forget, settled }
}
