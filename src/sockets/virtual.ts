/**
 * `req` and `res` of an event: light objects on Express's own prototypes, with the low-level members a
 * server response would have. What is answered is collected for the acknowledgement.
 */
import { STATUS_CODES } from 'node:http'
import type { Request, Response } from 'express'
import type { Socket } from 'socket.io'
import { CatamaranError } from '../errors.ts'
import type { Shake } from './handshake.ts'
import type { Message } from './message.ts'

/** An acknowledgement, as Sails' clients read it. */
export interface Ack {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

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

export interface VirtualResponse extends Response {
  /** Forgets what was answered, so that something else can be. */
  startOver(): void
  toAck(): Ack
}

const eventKey = Symbol('catamaran.event')
const answerKey = Symbol('catamaran.answer')

interface Answer {
  readonly headers: Record<string, unknown>
  body: unknown
  ended: boolean
}

type Req = Request & { [eventKey]: Event }
type Res = VirtualResponse & { [answerKey]: Answer }

/**
 * Makes the function that makes `req` and `res`.
 *
 * @param app - the Express app whose requests and responses these stand on
 */
export function createVirtualPair(app: {
  readonly request: object
  readonly response: object
}): (event: Event) => VirtualPair {
  const requests = layer(app.request, requestMembers)
  const responses = layer(app.response, responseMembers)

  return (event) => {
    const { verb, message, socket, shake } = event
    const req = Object.create(requests) as Req
    const res = Object.create(responses) as Res
    req[eventKey] = event
    req.method = verb.toUpperCase()
    req.url = message.url
    req.originalUrl = message.url
    req.headers = message.headers ? { ...message.headers, ...shake.headers } : { ...shake.headers }
    req.body = message.body
    req.params = {}
    Object.assign(req, { socket, res })
    res.req = req
    res.statusCode = 200
    res[answerKey] = { headers: {}, body: undefined, ended: false }
    return { req, res }
  }
}

function layer(prototype: object, members: object): object {
  return Object.create(prototype, Object.getOwnPropertyDescriptors(members))
}

const requestMembers = {
  isSocket: true,
  transport: 'socket.io',
  baseUrl: '',
  // Own fields, where Node has accessors that would look for a parsed request.
  headers: {},
  httpVersion: '1.1',
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
  return (req as Req)[eventKey].shake
}

const responseMembers = {
  get headersSent() {
    return answerOf(this).ended
  },
  get writableEnded() {
    return answerOf(this).ended
  },
  get finished() {
    return answerOf(this).ended
  },
  get locals() {
    const locals = {}
    Object.defineProperty(this, 'locals', { value: locals, writable: true, enumerable: true })
    return locals
  },
  set locals(value: object) {
    Object.defineProperty(this, 'locals', { value, writable: true, enumerable: true })
  },
  setHeader(name: string, value: unknown) {
    answerOf(this).headers[name.toLowerCase()] = value
    return this
  },
  appendHeader(name: string, value: unknown) {
    const { headers } = answerOf(this)
    const key = name.toLowerCase()
    headers[key] = headers[key] === undefined ? value : [headers[key], value].flat()
    return this
  },
  getHeader(name: string) {
    return answerOf(this).headers[name.toLowerCase()]
  },
  hasHeader(name: string) {
    return Object.hasOwn(answerOf(this).headers, name.toLowerCase())
  },
  getHeaders() {
    return { ...answerOf(this).headers }
  },
  getHeaderNames() {
    return Object.keys(answerOf(this).headers)
  },
  removeHeader(name: string) {
    delete answerOf(this).headers[name.toLowerCase()]
  },
  writeHead(status: number, ...rest: unknown[]) {
    const res = this as unknown as Res
    res.statusCode = status
    const headers = rest.find((value) => typeof value === 'object' && value !== null)
    for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value)
    return this
  },
  flushHeaders() {},
  write(chunk: unknown) {
    const answer = answerOf(this)
    if (!answer.ended) answer.body = `${answer.body ?? ''}${chunk}`
    return true
  },
  end(chunk?: unknown) {
    const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== 'function'
    if (hasChunk) responseMembers.write.call(this, chunk)
    return finish(this)
  },
  /** Values stay values; a text is encoded, as Sails does. */
  json(value: unknown) {
    if (typeof value !== 'string') return finish(this, value)
    responseMembers.setHeader.call(this, 'Content-Type', 'application/json')
    return finish(this, JSON.stringify(value))
  },
  send(value?: unknown) {
    return finish(this, Buffer.isBuffer(value) ? value.toJSON() : value)
  },
  sendStatus(status: number) {
    const res = this as unknown as Res
    res.statusCode = status
    return finish(this, STATUS_CODES[status] ?? String(status))
  },
  redirect(...given: [string] | [number, string]) {
    const res = this as unknown as Res
    const [status, url] = given.length === 1 ? [302, given[0]] : given
    res.status(status).location(url).setHeader('Content-Type', 'text/html')
    return finish(this, `Redirecting to ${res.get('Location')}`)
  },
  sendFile() {
    throw new CatamaranError('E_NOT_OVER_SOCKET', ['res.sendFile'])
  },
  download() {
    throw new CatamaranError('E_NOT_OVER_SOCKET', ['res.download'])
  },
  destroy() {
    return finish(this)
  },
  startOver() {
    const res = this as unknown as Res
    res.statusCode = 200
    res[answerKey] = { headers: {}, body: undefined, ended: false }
  },
  toAck(): Ack {
    const { headers: all, body } = answerOf(this)
    // A cookie can't travel over a socket, and its value is nobody else's business.
    const { 'set-cookie': _, ...headers } = all
    return { statusCode: (this as unknown as Res).statusCode, headers, body }
  },
}

function answerOf(res: object): Answer {
  return (res as Res)[answerKey]
}

/** The first answer counts. */
function finish<R extends object>(res: R, body?: unknown): R {
  const answer = answerOf(res)
  if (answer.ended) return res
  answer.ended = true
  if (body !== undefined) answer.body = body
  ;(res as unknown as { req: Req }).req[eventKey].ended()
  return res
}
