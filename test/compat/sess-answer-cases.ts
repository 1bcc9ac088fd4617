/** How answers of every kind leave through `sess`, and what it makes of odd options: tried on both, too. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { SessOptions } from '../../src/compat/sess.ts'
import { type Act, count, type SessRequest, serve, startSess } from './sess-ground.ts'
import { change, cookies, line, rows, type Sess, type SessCase } from './sess-play.ts'

const require = createRequire(import.meta.url)

/** The usual line of a cookie. */
const usual = ['sess=ID; Path=/; HttpOnly']
const odd = (options: unknown) => line(options as SessOptions)
const oddCookie = (cookie: unknown) => line({ cookie } as SessOptions)

/** Status, body, cookies and one header of an answer to a session that has changed. */
const answered =
  (act: Act, header = 'x-none'): SessCase['play'] =>
  async (make) => {
    const { browser } = await startSess((req, res) => {
      change(req)
      return act(req, res)
    }, make())
    const { status, body, lines, headers } = await browser()()
    return [status, body, lines.length, headers.get(header)]
  }

/** What a body is that is read while the session is there or not. */
const posted =
  (isKnown: boolean): SessCase['play'] =>
  async (make) => {
    const { browser, url } = await startSess(async (req, res) => {
      req.session['said'] = await text(req)
      res.end(String(req.session['said']))
    }, make())
    const visitor = browser()
    if (isKnown) await visitor()
    const headers = { cookie: visitor.cookie }
    return (await fetch(url, { method: 'POST', body: 'hello', headers })).text()
  }

/** What a visitor over TLS is sent. */
async function overTls(make: Sess): Promise<unknown> {
  const tls = join(import.meta.dirname, '..', 'fixtures', 'tls')
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(tls, name)))
  const middleware = make({ cookie: { secure: true } })
  const server = createServer({ cert, key }, (req, res) => {
    middleware(req, res, () => {
      change(req as SessRequest)
      res.end(Object(req).href.protocol)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = request({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }).end()
  const [answer] = await once(asked, 'response')
  const seen = [await text(answer), answer.headers['set-cookie'].length]
  server.close()
  return seen
}

export const oddCases: readonly SessCase[] = [
  { does: 'takes null for its options', play: odd(null), gives: usual },
  { does: 'takes null for the cookie’s options', play: oddCookie(null), gives: usual },
  { does: 'takes null for a collection', play: odd({ sessions: null }), gives: usual },
  { does: 'takes no empty `key`', play: odd({ key: '' }), gives: usual },
  {
    does: 'takes `key` where the cookie’s name is empty',
    play: odd({ key: 'foo', cookie: { name: '' } }),
    gives: ['foo=ID; Path=/; HttpOnly'],
  },
  { does: 'takes no empty path', play: oddCookie({ path: '' }), gives: usual },
  { does: 'takes null for no path', play: oddCookie({ path: null }), gives: usual },
  {
    does: 'keeps HttpOnly where it is undefined',
    play: oddCookie({ httpOnly: undefined }),
    gives: usual,
  },
  { does: 'takes `maxAge: null` for none', play: oddCookie({ maxAge: null }), gives: usual },
  { does: 'takes `secure: false`', play: oddCookie({ secure: false }), gives: usual },
  {
    does: 'takes `maxAge: 0`',
    play: oddCookie({ maxAge: 0 }),
    gives: ['sess=ID; Max-Age=0; Path=/; HttpOnly'],
  },
  {
    does: 'takes a `maxAge` that is a text',
    play: oddCookie({ maxAge: '60' }),
    gives: ['sess=ID; Max-Age=60; Path=/; HttpOnly'],
  },
  {
    // A browser takes whole seconds only.
    does: 'takes whole seconds of a `maxAge`',
    play: oddCookie({ maxAge: 1.9 }),
    gives: ['sess=ID; Max-Age=1; Path=/; HttpOnly'],
    once: ['sess=ID; Max-Age=1.9; Path=/; HttpOnly'],
  },
  {
    does: 'sends no secure cookie over http, `alwaysSet` or not',
    play: cookies({ cookie: { alwaysSet: true, secure: true } }, '/read'),
    gives: [0],
  },
]

export const answerCases: readonly SessCase[] = [
  {
    does: 'leaves status and headers of `writeHead`',
    play: answered((_, res) => {
      res.writeHead(201, 'Made', { 'X-A': 'b' })
      res.end('x')
    }, 'x-a'),
    gives: [201, 'x', 1, 'b'],
  },
  {
    // sess's own was replaced by that.
    does: 'stands beside a cookie that `writeHead` is given',
    play: answered((_, res) => {
      res.writeHead(200, { 'Set-Cookie': 'a=b' })
      res.end()
    }),
    gives: [200, '', 2, null],
    once: [200, '', 1, null],
  },
  {
    does: 'leaves a status that was set',
    play: answered((_, res) => {
      res.statusCode = 404
      res.end('no')
    }),
    gives: [404, 'no', 1, null],
  },
  {
    does: 'leaves 304 without a body',
    play: answered((_, res) => {
      res.writeHead(304)
      res.end()
    }),
    gives: [304, '', 1, null],
  },
  {
    does: 'leaves a length that was told',
    play: answered((_, res) => {
      res.setHeader('Content-Length', '2')
      res.end('ab')
    }, 'content-length'),
    gives: [200, 'ab', 1, '2'],
  },
  {
    does: 'leaves the encoding of `end`',
    play: answered((_, res) => res.end('6869', 'hex')),
    gives: [200, 'hi', 1, null],
  },
  {
    does: 'lets a stream be piped',
    play: answered((_, res) => Readable.from(['a', 'b', 'c']).pipe(res)),
    gives: [200, 'abc', 1, null],
  },
  {
    does: 'calls back from `end`, and finishes, once',
    play: async (make) => {
      const called: string[] = []
      const done = Promise.withResolvers<void>()
      const { browser } = await startSess((req, res) => {
        change(req)
        res.on('finish', () => called.push('finish')).on('close', done.resolve)
        res.end('a', () => called.push('end'))
      }, make())
      await browser()('/', { connection: 'close' })
      await done.promise
      return called.toSorted()
    },
    gives: ['end', 'finish'],
  },
  {
    does: 'sends its cookie to HEAD, too',
    play: async (make) => {
      const { url } = await startSess(count, make())
      return (await fetch(url, { method: 'HEAD' })).headers.getSetCookie().length
    },
    gives: 1,
  },
  {
    does: 'leaves the body of a request that brings no cookie',
    play: posted(false),
    gives: 'hello',
  },
  {
    does: 'leaves the body of a request whose session is loaded',
    play: posted(true),
    gives: 'hello',
  },
  {
    does: 'sends a secure cookie over TLS',
    play: overTls,
    gives: ['https:', 1],
  },
  {
    does: 'serves in Express 4, with tags of its answers',
    play: async (make) => {
      const app = require('express-4')()
      app.use(make())
      app.get('/', (req: SessRequest, res: { send(text: string): void }) => {
        change(req)
        res.send(`n${req.session['views']}`)
      })
      const visitor = (await serve(app)).browser()
      return [(await visitor()).body, (await visitor()).body]
    },
    gives: ['n1', 'n2'],
  },
  {
    // In sess the second took the first one's session away.
    does: 'serves where it stands twice',
    play: async (make) => {
      const middleware = make()
      const app = require('connect')().use(middleware).use(middleware).use(count)
      const visitor = (await serve(app)).browser()
      return [(await visitor()).body, (await visitor()).body]
    },
    gives: ['1', '2'],
    once: ['1', '1'],
  },
]

/** Two methods in a row. */
export const chainCases: readonly SessCase[] = [
  {
    does: 'sends the cookie for each touch, and none between',
    play: cookies({}, '/count', '/touch', '/count', '/touch'),
    gives: [1, 1, 0, 1],
  },
  { does: 'destroys what has no row', play: rows({}, '/destroy'), gives: [] },
  {
    does: 'stores both of two saves',
    play: async (make) => {
      const { browser } = await startSess((req, res) => {
        change(req)
        req.session.save(() => {
          change(req)
          req.session.save(() => res.end(`${req.session.rev} ${req.session['views']}`))
        })
      }, make())
      return (await browser()()).body
    },
    gives: '2 2',
  },
  {
    does: 'stores what changes after a reload',
    play: chain((req, res) => req.session.reload(() => count(req, res))),
    gives: ['2', '3'],
  },
  {
    does: 'stores a new session that is saved',
    play: chain((req, res) =>
      req.session.regenerate(() => {
        change(req)
        req.session.save(() => res.end())
      }),
    ),
    gives: ['', '2'],
    // The cookie of a session saved by hand was not sent.
    once: ['', '1'],
  },
  {
    does: 'stores nothing of a session that another took the place of',
    play: chain((req, res) => {
      const { session } = req
      session.regenerate(() => {
        session['late'] = true
        session.save(() => res.end())
      })
    }),
    gives: ['', '1'],
  },
]

/** What one visitor is told by `act`, after a count of one, and then by the count. */
function chain(act: Act): SessCase['play'] {
  return async (make) => {
    const pages: Act = (req, res) => (req.url === '/act' ? act(req, res) : count(req, res))
    const visitor = (await startSess(pages, make())).browser()
    await visitor()
    return [(await visitor('/act')).body, (await visitor('/')).body]
  }
}
