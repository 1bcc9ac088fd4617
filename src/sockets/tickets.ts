/**
 * Tickets at the socket's side: which clients fetch cookies, and when they are told to. What a ticket is:
 * session/tickets.ts; where it is redeemed: http/client-answers.ts.
 */
import type { Response } from 'express'
import type { Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import type { Identified } from '../session/arrival.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Visit } from '../session/visit.ts'

export interface TicketDesk {
  /** A socket has connected. */
  welcome(socket: Socket, found: Identified): void
  /** Whether the client of a socket fetches a new cookie when it is told to. */
  isRenewable(socket: Socket): boolean
  /** The id in the cookie that such a client has now. */
  cookieIdOf(socket: Socket): string | undefined
  /** Sends a ticket where an event has changed what the browser's cookies should be; mostly it hasn't. */
  afterCommit(visit: Visit, res: Response): Promise<void> | undefined
}

interface DeskParts {
  readonly config: Pick<Config, 'session' | 'sockets'>
  readonly sessions: Pick<Sessions, 'tickets' | 'wasReplaced'>
  warn(message: string): void
  onError(error: unknown): void
}

/** Characters of a ticket: it travels in a header. */
const longestTicket = 4096

export function createTicketDesk({ config, sessions, warn, onError }: DeskParts): TicketDesk {
  /** Of each client that fetches cookies, the id in the cookie it has now. */
  const cookieIds = new WeakMap<object, string>()
  const { maxAge } = config.session.cookie

  function welcome(socket: Socket, { cookieId, life }: Identified): void {
    const { auth, query } = socket.handshake
    const isOurs = query['catamaran'] === '1' || String(auth['catamaran']) === '1'
    if (!config.sockets.client || !isOurs || cookieId === undefined) return
    cookieIds.set(socket, cookieId)
    // How long the cookie of a page that never asks over HTTP still lives.
    if (typeof maxAge !== 'number') return
    socket.emit('session:cookie', { endsIn: Math.min(maxAge / 1000, life.atMost) })
  }

  function afterCommit(visit: Visit, res: Response): Promise<void> | undefined {
    const { owner, identity } = visit
    if (!visit.renewable || owner === undefined) return undefined
    const isStored = identity.stored && !identity.ended
    const moved = isStored && !hasCookieOf(owner, identity.id)
    return moved || res.hasHeader('set-cookie') ? send(visit, moved, res) : undefined
  }

  /** Another tab may have got another cookie, before there was anything to share. */
  function hasCookieOf(owner: object, id: string): boolean {
    return id === cookieIds.get(owner) && !sessions.wasReplaced(id)
  }

  async function send(visit: Visit, moved: boolean, res: Response): Promise<void> {
    const socket = visit.owner as Socket
    const cookieId = cookieIds.get(socket)
    const lines = [res.getHeader('set-cookie') ?? []].flat().map(String)
    res.removeHeader('set-cookie')
    try {
      const tickets = await sessions.tickets()
      if (!tickets || cookieId === undefined) return
      const ticket = await tickets.issue(visit, { cookieId, moved, lines })
      if (ticket.length > longestTicket) {
        warn('res.cookie over a socket: the cookies of one event are too long to travel')
        return
      }
      if (moved) cookieIds.set(socket, visit.identity.id)
      socket.emit('session:ticket', { ticket })
    } catch (error) {
      // What the event did is stored; only its cookie is not told.
      onError(error)
    }
  }

  return {
    welcome,
    isRenewable: (socket) => cookieIds.has(socket),
    cookieIdOf: (socket) => cookieIds.get(socket),
    afterCommit,
  }
}
