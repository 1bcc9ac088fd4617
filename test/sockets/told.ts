/**
 * A socket, and what it is told of its session's public fields from its first moment on.
 */
import { io, type ManagerOptions, type Socket } from 'socket.io-client'
import { onTestFinished } from 'vitest'
import type { Browser } from '../../src/testing/browser.ts'

export interface Listener {
  readonly socket: Socket
  /** Every `session:changed`, in order. */
  readonly told: Record<string, unknown>[]
  /** What a page would show by now. */
  shown(): Record<string, unknown>
  /** A virtual request; gives the body it is answered with. */
  send(verb: string, url: string, data?: unknown): Promise<unknown>
}

/** Connects with the cookie of a browser, until the test has finished. */
export async function listener(
  url: string,
  browser?: Browser,
  options: Partial<ManagerOptions> = {},
): Promise<Listener> {
  const extraHeaders: Record<string, string> = browser ? { Cookie: browser.cookie() } : {}
  const socket = io(url, { extraHeaders, forceNew: true, reconnection: false, ...options })
  onTestFinished(() => void socket.close())
  const told: Record<string, unknown>[] = []
  socket.on('session:changed', (fields) => told.push(fields))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return {
    socket,
    told,
    shown: () => Object.assign({}, ...told),
    async send(verb, path, data) {
      const ack = await socket.timeout(5000).emitWithAck(verb, { url: path, data })
      return ack.body
    },
  }
}
