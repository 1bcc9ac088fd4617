/**
 * The response of an event: what a server response has beneath Express's own members. Nothing is sent from
 * here; what is answered is collected for the acknowledgement.
 */
import type { Response } from 'express'
import { statusText } from '../errors.ts'
import { httpOnlyMembers } from './http-only.ts'

/** An acknowledgement, as Sails' clients read it. */
export interface Ack {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Makes the function that takes away what the app does not want its acknowledgements to carry. */
export function createTrim({
  sendStatusCode,
  sendResponseHeaders,
}: {
  readonly sendStatusCode: boolean
  readonly sendResponseHeaders: boolean
}): (ack: Ack) => Partial<Ack> {
  if (sendStatusCode && sendResponseHeaders) return (ack) => ack
  return ({ statusCode, headers, ...rest }) => ({
    ...rest,
    ...(sendStatusCode && { statusCode }),
    ...(sendResponseHeaders && { headers }),
  })
}

export interface VirtualResponse extends Response {
  /** Forgets what was answered, so that something else can be. */
  startOver(): void
  toAck(): Ack
}

interface Answer {
  readonly headers: Record<string, unknown>
  body: unknown
  ended: boolean
  readonly whenEnded: () => void
}

const answerKey = Symbol('catamaran.answer')
type Res = VirtualResponse & { [answerKey]: Answer }

/**
 * Makes a response ready to be answered.
 *
 * @param whenEnded - called each time it has been ended
 */
export function begin(res: object, whenEnded: () => void): void {
  const own = res as Res
  own.statusCode = 200
  own[answerKey] = { headers: {}, body: undefined, ended: false, whenEnded }
}

const streamMembers = {
  get headersSent() {
    return answerOf(this).ended
  },
  get writableEnded() {
    return answerOf(this).ended
  },
  get finished() {
    return answerOf(this).ended
  },
  flushHeaders() {},
  write(chunk: unknown, ...rest: unknown[]) {
    const answer = answerOf(this)
    if (!answer.ended) answer.body = `${answer.body ?? ''}${chunk}`
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done as () => void)
    return !answer.ended
  },
  end(...given: unknown[]) {
    const [chunk] = given
    const done = given.at(-1)
    if (typeof done === 'function') asRes(this).once('finish', done as () => void)
    const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== 'function'
    if (hasChunk) asRes(this).write(chunk)
    return finish(this)
  },
  destroy() {
    return finish(this)
  },
}

const headerMembers = {
  setHeader(name: string, value: unknown) {
    answerOf(this).headers[name.toLowerCase()] = value
    return this
  },
  appendHeader(name: string, value: unknown) {
    const { headers } = answerOf(this)
    const key = name.toLowerCase()
    headers[key] = Object.hasOwn(headers, key) ? [headers[key], value].flat() : value
    return this
  },
  getHeader(name: string) {
    const { headers } = answerOf(this)
    const key = name.toLowerCase()
    return Object.hasOwn(headers, key) ? headers[key] : undefined
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
    const res = asRes(this)
    res.statusCode = status
    const headers = rest.find((value) => typeof value === 'object' && value !== null)
    for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value)
    return this
  },
}

const expressMembers = {
  get locals() {
    const locals = {}
    Object.defineProperty(this, 'locals', { value: locals, writable: true, enumerable: true })
    return locals
  },
  set locals(value: object) {
    Object.defineProperty(this, 'locals', { value, writable: true, enumerable: true })
  },
  /** Values stay values; a text is encoded, as Sails does. */
  json(value: unknown) {
    if (typeof value !== 'string') return finish(this, value)
    asRes(this).setHeader('Content-Type', 'application/json')
    return finish(this, JSON.stringify(value))
  },
  send(value?: unknown) {
    const isJson = Buffer.isBuffer(value) && asRes(this).req.method !== 'ON'
    return finish(this, isJson ? value.toJSON() : value)
  },
  sendStatus(status: number) {
    const { statusCode } = asRes(this).status(status)
    return finish(this, statusText(statusCode))
  },
  redirect(...given: [string] | [number, string]) {
    const [status, url] = given.length === 1 ? [302, given[0]] : given
    const res = asRes(this).status(status).location(url)
    res.setHeader('Content-Type', 'text/html')
    return finish(this, `Redirecting to ${res.get('Location')}`)
  },
}

const ackMembers = {
  startOver() {
    begin(this, answerOf(this).whenEnded)
  },
  toAck(): Ack {
    const { headers, body } = answerOf(this)
    // A cookie can't travel over a socket, and its value is nobody else's business.
    delete headers['set-cookie']
    return { statusCode: asRes(this).statusCode, headers, body }
  },
}

/** What stands between an event's response and Express's prototype. */
export const responseMembers: object = Object.defineProperties(
  {},
  [streamMembers, headerMembers, expressMembers, httpOnlyMembers, ackMembers].reduce(
    (all, members) => Object.assign(all, Object.getOwnPropertyDescriptors(members)),
    {},
  ),
)

function asRes(res: object): Res {
  return res as Res
}

function answerOf(res: object): Answer {
  return asRes(res)[answerKey]
}

/** The first answer counts. */
function finish<R extends object>(res: R, body?: unknown): R {
  const answer = answerOf(res)
  if (answer.ended) return res
  answer.ended = true
  if (body !== undefined) answer.body = body
  answer.whenEnded()
  return res
}
