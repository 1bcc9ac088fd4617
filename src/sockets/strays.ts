/**
 * Strays: sockets that stand on a session which is not stored, while their browser's cookie names another
 * one: it was ended by their own event, or had just moved on when they came. What becomes of that cookie
 * concerns them, too.
 */
import type { Socket } from 'socket.io'

export interface Strays {
  /** @param key - the id in the cookie, or what stands for it between nodes */
  add(socket: Socket, key: string): void
  drop(socket: Socket): void
  of(key: string): readonly Socket[]
}

export function createStrays(): Strays {
  const keys = new Map<Socket, string>()
  const sockets = new Map<string, Set<Socket>>()

  function drop(socket: Socket): void {
    const key = keys.get(socket)
    if (key === undefined) return
    keys.delete(socket)
    const others = sockets.get(key)
    others?.delete(socket)
    if (others?.size === 0) sockets.delete(key)
  }

  return {
    add(socket, key) {
      drop(socket)
      keys.set(socket, key)
      sockets.set(key, (sockets.get(key) ?? new Set()).add(socket))
    },
    drop,
    of: (key) => [...(sockets.get(key) ?? [])],
  }
}
