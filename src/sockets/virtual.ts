/**
 * `req` and `res` of an event: light objects on Express's own prototypes, with the low-level members a
 * request from the network would have. The response's stand in answer.ts.
 */
import type { Request } from 'express'
import type { Socket } from 'socket.io'
import { CatamaranError } from '../errors.ts'
import { begin, responseMembers, type VirtualResponse } from './answer.ts'
import type { Shake } from './handshake.ts'
import type { Message } from './message.ts'

/** One event of a socket. */
export interface Event {
  readonly verb: string
  readonly message: Message
  readonly socket: Socket
  readonly shake: Shake
  /** Called each time the response has been ended. */
  ended(): void
}

export interface VirtualPair {
  readonly req: Request
  readonly res: VirtualResponse
}

const eventKey = Symbol('catamaran.event')

type Req = Request & { [eventKey]: Event }

/**
 * Makes the function that makes `req` and `res`.
 *
 * @param app - the Express app whose requests and responses these stand on
 * @param members - what stands between a response and Express's prototype
 */
export function createVirtualPair(
  app: { readonly request: object; readonly response: object },
  members: object = responseMembers,
): (event: Event) => VirtualPair {
  const requests = layer(app.request, requestMembers)
  const responses = layer(app.response, members)

  return (event) => {
    const { verb, message, socket } = event
    const req = Object.create(requests) as Req
    const res = Object.create(responses) as VirtualResponse
    req[eventKey] = event
    req.method = verb.toUpperCase()
    req.url = message.url
    req.originalUrl = message.url
    req.body = message.body
    req.params = {}
    req.socket = socket as never
    req.res = res
    res.req = req
    begin(res, event.ended)
    return { req, res }
  }
}

function layer(prototype: object, members: object): object {
  return Object.create(prototype, Object.getOwnPropertyDescriptors(members))
}

const requestMembers = {
  isSocket: true,
  transport: 'socket.io',
  /** What reads uploads begins with this. */
  pipe() {
    throw new CatamaranError('E_UPLOAD_OVER_SOCKET')
  },
  baseUrl: '',
  httpVersion: '1.1',
  /** Put together when they are first asked for: few events are asked. */
  get headers() {
    const { message, shake } = eventOf(this)
    const headers = { ...message.headers, ...shake.headers }
    define(this, 'headers', headers)
    return headers
  },
  set headers(value: object) {
    define(this, 'headers', value)
  },
  /** Not by Node's parser: it has opinions on what is no path. */
  get path() {
    const { url } = this as unknown as Req
    return url.slice(0, url.search(/[?#]|$/))
  },
  get host() {
    return eventOf(this).shake.host
  },
  get ip() {
    return eventOf(this).shake.ip
  },
  get ips() {
    return eventOf(this).shake.ips
  },
  get protocol() {
    return eventOf(this).shake.protocol
  },
  get secure() {
    return eventOf(this).shake.secure
  },
}

function eventOf(req: object): Event {
  return (req as Req)[eventKey]
}

/** As an own field, as a request from the network has it. */
function define(req: object, name: string, value: object): void {
  Object.defineProperty(req, name, { value, writable: true, enumerable: true, configurable: true })
}
