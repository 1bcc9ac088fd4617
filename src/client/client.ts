/**
 * `catamaran/client`: requests over a socket, as promises, on the session the browser has. Keeps the
 * browser's cookie what the session's is, waits for connections, and comes back by itself. The files of
 * this room are put into one for browsers; they import nothing but Socket.IO's client.
 */
import { io } from 'socket.io-client'
import { ackOf, answerOf } from './answers.ts'
import type { Ask, Client, ClientOptions, SessionEvent } from './contract.ts'
import { createDesk } from './desk.ts'
import { createFields, type Told } from './fields.ts'
import { createLine } from './line.ts'

export { RequestError } from './answers.ts'
export type * from './contract.ts'

type Listener = (event: SessionEvent) => void

/**
 * Connects to an app.
 *
 * @typeParam Fields - the fields that its `config/session` declares public
 * @param address - the app's; in a page its own when left out
 */
export function connect<Fields extends object = Record<string, unknown>>(
  address?: string,
  options: ClientOptions = {},
): Client<Fields> {
  const page = (globalThis as { location?: { href: string } }).location?.href
  const url = new URL(address ?? '/', page)
  const { jar, queue = 100, timeout = 10, path = '/socket.io' } = options
  const listeners = new Set<Listener>()
  const fields = createFields()
  const changed = (news: Told | undefined) => news && tell({ type: 'changed', fields: news })
  const tell: Listener = (event) => {
    // Nothing is left of a session that has no heir.
    if (event.type === 'ended' && !event.reconnect) changed(fields.clear())
    for (const listener of [...listeners]) listener(event)
  }

  const canFetch = jar !== undefined || (page !== undefined && new URL(page).origin === url.origin)
  const socket = io(url.origin, {
    path,
    query: canFetch ? { catamaran: 1 } : {},
    // WebSocket at once; polling only where a proxy lets no WebSocket through. Node reads cookies of polling only.
    ...(!jar && { transports: ['websocket', 'polling'], tryAllTransports: true }),
    withCredentials: true,
    ...options.socket,
    forceNew: true,
    autoConnect: false,
  })
  const desk = createDesk(url, jar)
  const line = createLine({ socket, desk, queue, tell, url, jar })
  socket.on('session:changed', (told: Told) => changed(fields.take(told)))
  socket.on('session:expiring', (told: { in: number }) => tell({ type: 'expiring', ...told }))

  const ask: (verb: string) => Ask = (verb) => async (to, data, own) => {
    const message = { url: to, data, headers: own?.headers }
    const isSafe = /^(get|head|options)$/.test(verb)
    return answerOf(await line.send(verb, [message], { timeout, ...own, isSafe }))
  }
  line.open()

  return {
    ...{ get: ask('get'), post: ask('post'), put: ask('put'), patch: ask('patch') },
    ...{ delete: ask('delete'), head: ask('head'), options: ask('options') },
    async emit(event, ...data) {
      return ackOf(await line.send(event, data, { timeout, isSafe: false }))
    },
    on(event: string, listener: (...data: never[]) => void) {
      if (event !== 'session') {
        socket.on(event, listener as () => void)
        return () => void socket.off(event, listener as () => void)
      }
      listeners.add(listener as Listener)
      return () => void listeners.delete(listener as Listener)
    },
    session: fields.shown as Partial<Fields>,
    get connected() {
      return socket.connected
    },
    connect: line.reopen,
    close: line.close,
    socket,
  }
}
