/**
 * The app that is measured, the same for all but its session: Express 5, cookie-parser, a login, a read and
 * a write.
 */
import cookieParser from 'cookie-parser'
import express, { type Express, type RequestHandler } from 'express'

/** What the sessions of both are signed with. */
export const secret = 'the same thirty-two characters or more'

interface BenchSession {
  userId?: string
  views?: number
  [field: string]: unknown
}

export function createApp(session: RequestHandler, middleware: readonly RequestHandler[]): Express {
  const app = express()
  for (const handler of [...middleware, session]) app.use(handler)

  app.get('/login', (req, res) => {
    Object.assign(sessionOf(req), filling(Number(req.query['bytes'])), { userId: 'ada', views: 0 })
    res.json({ ok: true })
  })
  app.get('/read', (req, res) => {
    res.json({ userId: sessionOf(req).userId })
  })
  app.get('/write', (req, res) => {
    const own = sessionOf(req)
    own.views = (own.views ?? 0) + 1
    res.json({ views: own.views })
  })
  return app
}

/** cookie-parser, as express-session's users have it. */
export const parseCookies: RequestHandler = cookieParser(secret)

function sessionOf(req: object): BenchSession {
  return (req as { session: BenchSession }).session
}

/** Data as shops keep them: a cart of small objects, until the text has that many bytes. */
function filling(bytes: number): object {
  const cart: object[] = []
  const data = { name: 'Ada Lovelace', roles: ['user', 'editor'], theme: { dark: true }, cart }
  const item = (id: number) => ({ id, title: `Article ${id}`, price: 12.5, count: 1 })
  // The cookie and what the login adds take about 100.
  while (JSON.stringify(data).length < bytes - 100) cart.push(item(1_000 + cart.length))
  return data
}
