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

const shakeKey = Symbol('catamaran.shake')

type Req = Request & { [shakeKey]: Shake }

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

  return ({ verb, message, socket, shake, ended }) => {
    const req = Object.create(requests) as Req
    const res = Object.create(responses) as VirtualResponse
    req[shakeKey] = shake
    req.method = verb.toUpperCase()
    req.url = message.url
    req.originalUrl = message.url
    req.headers = message.headers ? { ...message.headers, ...shake.headers } : { ...shake.headers }
    req.body = message.body
    req.params = {}
    Object.assign(req, { socket, res })
    res.req = req
    begin(res, ended)
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
    throw new CatamaranError('E_NOT_OVER_SOCKET', ['An upload'])
  },
  baseUrl: '',
  // Own fields, where Node has accessors that would look for a parsed request.
  headers: {},
  httpVersion: '1.1',
  /** Not by Node's parser: it has opinions on what is no path. */
  get path() {
    const { url } = this as unknown as Req
    return url.slice(0, url.search(/[?#]|$/))
  },
  get host() {
    return shakeOf(this).host
  },
  get ip() {
    return shakeOf(this).ip
  },
  get ips() {
    return shakeOf(this).ips
  },
  get protocol() {
    return shakeOf(this).protocol
  },
  get secure() {
    return shakeOf(this).secure
  },
}

function shakeOf(req: object): Shake {
  return (req as Req)[shakeKey]
}
