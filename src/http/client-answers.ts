/**
 * Answers to `catamaran/client`: its own file, cookies for tickets, and cookies that live on. An app's own
 * routes of these addresses go first.
 */
import type { Request, Response } from 'express'
import { CatamaranError } from '../errors.ts'
import type { SessionMiddleware } from '../session/express.ts'
import { type ClientParts, clientFile, cookieDesk } from './client-addresses.ts'
import { createClientFile } from './client-file.ts'

type Next = (error?: unknown) => void

export function createClientAnswers(parts: ClientParts): SessionMiddleware {
  const { session, sessions, config, walk, isOwnPage } = parts
  const file = createClientFile(config.sockets.path)

  async function sendFile(res: Response): Promise<void> {
    const { text, tag } = await file()
    res.set({ 'Cache-Control': 'public, max-age=0', ETag: tag })
    res.type('text/javascript').send(text)
  }

  async function sendCookie(req: Request, res: Response, next: Next): Promise<void> {
    // Only pages of ours: others could end in a session that is not theirs.
    const isForeign = !isOwnPage(req) || req.get('sec-fetch-site') === 'cross-site'
    if (isForeign) throw new CatamaranError('E_TICKET')
    res.set('Cache-Control', 'no-store')
    const ticket = req.get('catamaran-ticket')
    if (ticket === undefined) return renew(req, res, next)
    const tickets = await sessions.tickets()
    if (!tickets) throw new CatamaranError('E_TICKET')
    const { lines, done } = await tickets.redeem(req, ticket)
    res.once('finish', done)
    res
      .append('Set-Cookie', [...lines])
      .status(204)
      .end()
  }

  /** A page that only speaks over its socket asks for its cookie to live on. */
  function renew(req: Request, res: Response, next: Next): void {
    session(req, res, (error?: unknown) => {
      if (error) {
        next(error)
        return
      }
      const { session: current } = req
      current?.touch()
      const { originalMaxAge } = current?.cookie ?? {}
      res.json({ endsIn: typeof originalMaxAge === 'number' ? originalMaxAge / 1000 : null })
    })
  }

  return (given, answer, next) => {
    const req = given as Request
    const res = answer as Response
    const isFile = req.path === clientFile && (req.method === 'GET' || req.method === 'HEAD')
    const isDesk = req.path === cookieDesk && req.method === 'POST'
    if ((!isFile && !isDesk) || walk.matchOf(req)) session(req, res, next)
    else (isFile ? sendFile(res) : sendCookie(req, res, next)).catch(next)
  }
}
