/**
 * What an app in the Sails profile does otherwise over a socket, so that its clients see what they always
 * saw. Loaded only there.
 */
import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import type { Socket } from 'socket.io'
import { CatamaranError } from '../errors.ts'
import type { Bound, Sessions } from '../session/lifecycle.ts'
import type { Identity, Visit } from '../session/visit.ts'
import { responseMembers, type VirtualResponse } from './answer.ts'

export interface SailsProfile {
  /** Stands in for the members every response of an event has. */
  readonly responseMembers: object
  /** Why requests of this connection can't be read, from its handshake on. */
  faultOf(handshake: IncomingMessage): string | undefined
  /** Whether the handshake asks for no session: for itself alone, or for all messages too. */
  withoutSession(handshake: IncomingMessage): 'handshake' | 'messages' | undefined
  /** What Sails makes of a message's body: an object, but for lists that are posted. */
  bodyOf(req: Request): unknown
  /**
   * Opens the session of an event; where it has ended, that of a stranger for clients that know of no end.
   *
   * @throws {CatamaranError} as `Sessions.resume`
   */
  resume(request: Visit['request'], bound: BoundToSocket): Visit | Promise<Visit>
  /** Answers what Sails answers where no route does; `false` where it has nothing. */
  unrouted(req: Request, res: Response): boolean
}

export interface BoundToSocket extends Bound {
  readonly owner: Socket
}

/** Engine.IO has parsed the query by then. */
type Handshake = IncomingMessage & { readonly _query?: Readonly<Record<string, unknown>> }

const namesKey = Symbol('catamaran.names')
type Res = VirtualResponse & { [namesKey]?: Record<string, string> }
type Base = Pick<VirtualResponse, 'toAck'> & {
  view(): unknown
  redirect(...given: unknown[]): unknown
  send(...given: unknown[]): unknown
  json(value: unknown): unknown
}

const base = responseMembers as Base

const members = {
  /** Values stay as they are, and names are remembered: Sails' clients get headers under both spellings. */
  set(this: Res, field: string | object, value?: unknown) {
    const fields = typeof field === 'string' ? { [field]: value } : field
    this[namesKey] ??= {}
    for (const [name, given] of Object.entries(fields)) {
      this[namesKey][name.toLowerCase()] = name
      this.setHeader(name, given)
    }
    return this
  },
  /** Only what is sent is a body; what is written goes nowhere. */
  write(this: Res, ...given: unknown[]) {
    const done = given.at(-1)
    if (typeof done === 'function') process.nextTick(done as () => void)
    return true
  },
  view(this: Res) {
    this.setHeader('content-type', 'text/html')
    return base.view.call(this)
  },
  /** Bytes go as bytes. */
  send(this: Res, ...given: unknown[]) {
    const [value] = given
    return Buffer.isBuffer(value) ? base.json.call(this, value) : base.send.apply(this, given)
  },
  /** A status that was set for it stays. */
  redirect(this: Res, ...given: [string] | [number, string]) {
    const { statusCode } = this
    const isSet = given.length === 1 && statusCode !== 200
    return base.redirect.apply(this, isSet ? [statusCode, given[0]] : given)
  },
  toAck(this: Res) {
    const { headers, ...ack } = base.toAck.call(this)
    const written = Object.entries(this[namesKey] ?? {}).filter(([key]) => key in headers)
    const both = Object.fromEntries(written.map(([key, name]) => [name, headers[key]]))
    return { ...ack, headers: { ...both, ...headers } }
  },
}

interface ProfileParts {
  readonly sessions: Pick<Sessions, 'resume' | 'fresh'>
  /** Whether `/__getcookie` is served. */
  readonly getCookie: boolean
}

export function createSailsProfile({ sessions, getCookie }: ProfileParts): SailsProfile {
  return {
    responseMembers: Object.defineProperties(
      {},
      {
        ...Object.getOwnPropertyDescriptors(responseMembers),
        ...Object.getOwnPropertyDescriptors(members),
      },
    ),
    faultOf,
    withoutSession,
    bodyOf,
    resume: createResume(sessions),
    unrouted(req, res) {
      if (req.method === 'OPTIONS') {
        tellAllVerbs(res)
        return true
      }
      if (!getCookie || req.path !== '/__getcookie' || !/^(GET|HEAD)$/.test(req.method))
        return false
      res.set('Content-Type', 'application/javascript')
      res.send('_sailsIoJSConnect();')
      return true
    },
  }
}

/** Until it is disconnected, a client of Socket.IO 2 whose session has ended is one stranger at a time. */
function createResume({ resume, fresh }: ProfileParts['sessions']): SailsProfile['resume'] {
  const strangers = new WeakMap<Socket, Identity>()

  function strangerOf(socket: Socket): Identity {
    const known = strangers.get(socket)
    if (known && !known.ended) return known
    const stranger = fresh()
    strangers.set(socket, stranger)
    return stranger
  }

  async function orStranger(request: Visit['request'], bound: BoundToSocket): Promise<Visit> {
    try {
      return await resume(request, bound)
    } catch (error) {
      if (!(error instanceof CatamaranError) || error.code !== 'E_SESSION_ENDED') throw error
      return resume(request, { ...bound, identity: strangerOf(bound.owner) })
    }
  }

  return (request, bound) => {
    const isOld = bound.owner.conn.protocol === 3
    return isOld ? orStranger(request, bound) : resume(request, bound)
  }
}

function bodyOf({ method, body }: Request): unknown {
  const isPosted = /^(POST|PUT|PATCH)$/.test(method)
  if (method === 'ON' || Buffer.isBuffer(body) || (Array.isArray(body) && isPosted)) return body
  return { ...Object(body) }
}

/** In Sails hooks stand behind every address, with every verb. */
function tellAllVerbs(res: Response): void {
  const allow = 'DELETE, GET, HEAD, PATCH, POST, PUT'
  res.setHeader('allow', allow)
  res.setHeader('content-length', allow.length)
  res.setHeader('content-type', 'text/plain')
  res.setHeader('x-content-type-options', 'nosniff')
  res.status(200).end()
}

/** Clients of Socket.IO 2 must say which SDK they are; newer ones may. */
function faultOf(handshake: Handshake): string | undefined {
  const given = told(handshake, '__sails_io_sdk_version')
  const isNew = handshake._query?.['EIO'] !== '3'
  if (given === undefined && isNew) return undefined
  const version = given ?? '0.9.0'
  const [major = 0, minor = 0] = version.split('-', 1)[0]?.split('.').map(Number) ?? []
  if (major > 0 || minor >= 11) return undefined
  return `the client's SDK is of version ${version.slice(0, 20)}; it takes 0.11.0 or later`
}

function withoutSession(handshake: Handshake): 'handshake' | 'messages' | undefined {
  if (handshake.headers['nosession'] !== undefined) return 'messages'
  return told(handshake, 'nosession') === undefined ? undefined : 'handshake'
}

function told({ headers, _query }: Handshake, name: string): string | undefined {
  const value = headers[name] ?? _query?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
