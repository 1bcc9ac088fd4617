/**
 * What a socket sends: a virtual request, an event of the app's own, or what is neither. Above the rate
 * nothing is looked at.
 */
import type { Socket } from 'socket.io'
import type { SocketsConfig } from '../config/sockets.ts'
import { eventPath } from '../routing/addresses.ts'
import type { Walk } from '../walk.ts'
import { eventAnswer, eventMessage } from './events.ts'
import type { Handshake } from './handshake.ts'
import { parseFault, readMessage, verbs } from './message.ts'
import { createRate } from './rate.ts'
import type { Reply, Serve } from './serve.ts'

export interface Unserved {
  /** Told of what is no request, and of events without a route; not of what comes above the rate. */
  unserved(method: string, path: string | undefined, status: number): void
}

interface ReceiveParts {
  readonly limits: SocketsConfig['rate']
  readonly walk: Pick<Walk, 'eventPath'>
  readonly handshake: Pick<Handshake, 'shakeOf'>
  /** Sails passes over events it does not know. */
  readonly profile?: object | undefined
  readonly watch?: Unserved | undefined
  readonly serve: Serve
}

/** The answer to an event above the rate. */
const tooMany = {
  statusCode: 429,
  headers: { 'retry-after': '1' },
  body: { code: 'E_TOO_MANY', message: 'Too Many Requests' },
}

/** One function for the events of all sockets: `this` is the socket. */
export function createReceive(parts: ReceiveParts) {
  const { limits, walk, profile, handshake, watch, serve } = parts
  const rate = limits ? createRate(limits) : undefined

  /** An event the app has a route for. */
  function serveOwn(socket: Socket, name: string, given: unknown[], reply?: Reply): void {
    const path = walk.eventPath(name)
    if (path === undefined) {
      watch?.unserved('ON', eventPath(name), 404)
      if (!profile) reply?.({ statusCode: 404, headers: {}, body: 'Not Found' })
    } else serve(socket, { verb: 'on', message: eventMessage(path, given), reply })
  }

  return function onEvent(this: Socket, verb: string, ...args: unknown[]): void {
    // What came along with a packet that has ended the connection, Socket.IO still hands out.
    if (!this.connected) return
    const last = args.at(-1)
    const reply = typeof last === 'function' ? (last as Reply) : undefined
    const passes = rate?.take(this) ?? 'pass'
    if (passes !== 'pass') {
      reply?.(verbs.has(verb) ? tooMany : eventAnswer(tooMany))
      if (passes === 'end') this.disconnect(true)
      return
    }
    if (!verbs.has(verb)) {
      serveOwn(this, verb, reply ? args.slice(0, -1) : args, reply)
      return
    }
    const message = handshake.shakeOf(this.request)?.fault ?? readMessage(args[0])
    if (typeof message !== 'string') {
      serve(this, { verb, message, reply })
      return
    }
    watch?.unserved(verb.toUpperCase(), undefined, 400)
    if (reply) reply(parseFault(message))
    else this.emit('sails:parseError', parseFault(message))
  }
}
