/**
 * The TCP lines of WebSockets. A client that sleeps never says goodbye, and would keep a server that
 * closes for half a minute.
 */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

export interface Lines {
  /** Gives clients a moment to say goodbye, then cuts the lines that are left. */
  cut(): void
}

/** **Milliseconds** a closing handshake may take. */
const goodbye = 1000

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
