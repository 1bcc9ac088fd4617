/**
 * The lines of clients that never say goodbye: each would keep a server that closes, and its process, for
 * half a minute.
 */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Server as IoServer, Socket } from 'socket.io'

/** The TCP lines of WebSockets. */
export interface Lines {
  /** Gives clients a moment to say goodbye, then cuts the lines that are left. */
  cut(): void
}

/** **Milliseconds** a closing handshake may take. */
const goodbye = 1000

/** Engine.IO would wait for the poll that is to bring its goodbye, by a timer that keeps the process. */
export function hurryPolls({ engine }: IoServer): void {
  engine.on('connection', ({ transport }: Socket['conn']) => {
    if (transport.name === 'polling') Reflect.set(transport, 'closeTimeout', goodbye)
  })
}

/** @param expected - without WebSockets nobody may listen for them: Node answers who asks all the same */
export function watchLines(server: Server, expected: boolean): Lines {
  const open = new Set<Duplex>()

  function forget(this: Duplex): void {
    open.delete(this)
  }

  function remember(_req: unknown, line: Duplex): void {
    open.add(line)
    line.once('close', forget)
  }

  if (expected) server.on('upgrade', remember)

  function cutAll(): void {
    for (const line of open) line.destroy()
  }

  return { cut: () => void setTimeout(cutAll, goodbye).unref() }
}
