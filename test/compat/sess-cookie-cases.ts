/** What `sess` does with its options and its cookie: tried on sess 0.1.4, and on ours. */
import type { SessOptions } from '../../src/compat/sess.ts'
import { count, startSess } from './sess-ground.ts'
import { after, bodies, cookies, first, line, rows, type SessCase, tour } from './sess-play.ts'

const secure: SessOptions = { cookie: { secure: true } }

/** What a visit through a proxy that ends TLS gives. */
const forwarded =
  (protocol: string): SessCase['play'] =>
  async (make) => {
    const visitor = (await startSess(count, make(secure))).browser()
    return (await visitor('/', { 'x-forwarded-proto': protocol })).lines.length
  }

/** What a visitor who brings this cookie sees. */
const bringing =
  (cookieOf: (pair: string) => string, options: SessOptions = {}): SessCase['play'] =>
  async (make) => {
    const visitor = (await startSess(count, make(options))).browser()
    await visitor()
    visitor.cookie = cookieOf(visitor.cookie)
    return (await visitor()).body
  }

export const optionCases: readonly SessCase[] = [
  { does: 'makes middleware of three', play: async (make) => make().length, gives: 3 },
  { does: 'takes no options', play: line({}), gives: ['sess=ID; Path=/; HttpOnly'] },
  { does: 'takes `key`', play: line({ key: 'foo' }), gives: ['foo=ID; Path=/; HttpOnly'] },
  {
    does: 'takes `cookie.name`',
    play: line({ cookie: { name: 'bar' } }),
    gives: ['bar=ID; Path=/; HttpOnly'],
  },
  {
    does: 'prefers `cookie.name` to `key`',
    play: line({ key: 'foo', cookie: { name: 'bar' } }),
    gives: ['bar=ID; Path=/; HttpOnly'],
  },
  {
    does: 'finds the session under the name it is told',
    play: bodies({ key: 'foo' }, '/count', '/count'),
    gives: ['1', '2'],
  },
  {
    does: 'leaves HttpOnly out where that is false',
    play: line({ cookie: { httpOnly: false } }),
    gives: ['sess=ID; Path=/'],
  },
  {
    does: 'fills in each default by itself',
    play: line({ cookie: { path: '/app' } }),
    gives: ['sess=ID; Path=/app; HttpOnly'],
  },
  {
    does: 'serves paths outside of its `path`, too',
    play: bodies({ cookie: { path: '/app' } }, '/count', '/count'),
    gives: ['1', '2'],
  },
  {
    does: 'takes `maxAge` in seconds',
    play: line({ cookie: { maxAge: 60 } }),
    gives: ['sess=ID; Max-Age=60; Path=/; HttpOnly'],
  },
  {
    does: 'takes `expires` and `domain`',
    play: line({ cookie: { expires: new Date(0), domain: 'a.b' } }),
    gives: ['sess=ID; Domain=a.b; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly'],
  },
  {
    does: 'takes `encode`',
    play: line({ cookie: { encode: () => 'encoded' } }),
    gives: ['sess=encoded; Path=/; HttpOnly'],
  },
  {
    does: 'leaves its options alone',
    async play(make) {
      const options = { key: 'foo', cookie: { maxAge: 5 } }
      await tour(make(options), ['/count'])
      return options
    },
    gives: { key: 'foo', cookie: { maxAge: 5 } },
  },
  { does: 'sends no secure cookie over http', play: cookies(secure, '/count'), gives: [0] },
  { does: 'stores no secure session over http', play: rows(secure, '/count'), gives: [] },
  { does: 'believes a proxy that says https', play: forwarded('https'), gives: 1 },
  { does: 'believes a proxy that begins so', play: forwarded('https,http'), gives: 1 },
  { does: 'believes a proxy that says http', play: forwarded('http'), gives: 0 },
  {
    does: 'takes the hooks of modeler, where no collection is given',
    async play(make) {
      const called: string[] = []
      const hook = (name: string) => (_: unknown, done: () => void) => {
        called.push(name)
        done()
      }
      const hooks = { save: hook('save'), afterSave: hook('afterSave'), load: hook('load') }
      await tour(make(hooks), ['/count', '/read'])
      return called
    },
    gives: ['save', 'afterSave', 'load'],
  },
  {
    does: 'lets a `create` hook fill in new sessions',
    play: bodies({ create: (row) => Object.assign(row, { views: 5 }) }, '/count', '/count'),
    gives: ['6', '7'],
  },
  {
    does: 'calls the hooks around a removal',
    async play(make) {
      const called: string[] = []
      const hook = (name: string) => (_: unknown, done: () => void) => {
        called.push(name)
        done()
      }
      const hooks = { destroy: hook('destroy'), afterDestroy: hook('afterDestroy') }
      await tour(make(hooks), ['/count', '/destroy'])
      return called
    },
    gives: ['destroy', 'afterDestroy'],
  },
  {
    does: 'has sessions of its own in each middleware',
    async play(make) {
      const [one, other] = [await startSess(count, make()), await startSess(count, make())]
      const visitor = one.browser()
      await visitor()
      const there = Object.assign(other.browser(), { cookie: visitor.cookie })
      return (await there()).body
    },
    gives: '1',
  },
  {
    does: 'has the same sessions wherever a middleware stands',
    async play(make) {
      const middleware = make()
      const [one, other] = [await startSess(count, middleware), await startSess(count, middleware)]
      const visitor = one.browser()
      await visitor()
      const there = Object.assign(other.browser(), { cookie: visitor.cookie })
      return (await there()).body
    },
    gives: '2',
  },
]

export const cookieCases: readonly SessCase[] = [
  { does: 'sends none where the session is only read', play: cookies({}, '/read'), gives: [0] },
  { does: 'sends it at the first change', play: cookies({}, '/count'), gives: [1] },
  { does: 'sends it before `write`', play: cookies({}, '/write'), gives: [1] },
  { does: 'sends it with `writeHead`', play: cookies({}, '/head'), gives: [1] },
  { does: 'sends it with a redirect', play: cookies({}, '/redirect'), gives: [1] },
  {
    does: 'sends none at a later change',
    play: cookies({}, '/count', '/count', '/count'),
    gives: [1, 0, 0],
  },
  {
    does: 'sends it again at the second change before `write`, and no more',
    play: cookies({}, '/count', '/write', '/write'),
    gives: [1, 1, 0],
  },
  {
    does: 'sends it again at the second change before `writeHead`, and no more',
    play: cookies({}, '/count', '/head', '/head'),
    gives: [1, 1, 0],
  },
  {
    // sess lost such a visitor.
    does: 'sends it where a new session was saved by hand',
    play: cookies({}, '/save'),
    gives: [1],
    once: [0],
  },
  { does: 'sends none for a change behind the headers', play: cookies({}, '/late'), gives: [0] },
  {
    does: 'sends it after `touch()`',
    play: cookies({}, '/count', '/read', '/touch'),
    gives: [1, 0, 1],
  },
  { does: 'sends it for a new session by `touch()`', play: cookies({}, '/touch'), gives: [1] },
  { does: 'stores no new session by `touch()`', play: rows({}, '/touch'), gives: [] },
  {
    does: 'sends it always by `alwaysSet`',
    play: cookies({ cookie: { alwaysSet: true } }, '/read', '/count', '/count'),
    gives: [1, 1, 1],
  },
  {
    does: 'gives another id at each visit by `alwaysSet`, as long as nothing is stored',
    async play(make) {
      const pages = await tour(make({ cookie: { alwaysSet: true } }), ['/id', '/id', '/id'])
      return new Set(pages.map(({ body }) => body)).size
    },
    gives: 3,
  },
  {
    does: 'sends none after `destroy`, nor one that clears',
    play: cookies({ cookie: { alwaysSet: true } }, '/count', '/destroy'),
    gives: [1, 0],
  },
  { does: 'sends none without a session', play: cookies({}, '/null', '/delete'), gives: [0, 0] },
  {
    // sess took the place of what the app had set.
    does: 'stands beside the cookies of the app',
    play: line({}, '/own-cookie'),
    gives: ['a=b', 'sess=ID; Path=/; HttpOnly'],
    once: ['sess=ID; Path=/; HttpOnly'],
  },
  {
    does: 'sends none after `regenerate`, as long as nothing changes',
    play: cookies({}, '/count', '/regenerate'),
    gives: [1, 0],
  },
  {
    does: 'sends the new id after `regenerate` and a change',
    play: cookies({}, '/count', '/regenerate-count'),
    gives: [1, 1],
  },
  {
    does: 'finds its cookie among others',
    play: bringing((pair) => `a=b; ${pair}; c=d`),
    gives: '2',
  },
  {
    does: 'finds its cookie in quotes',
    play: bringing((pair) => `${pair.replace('=', '="')}"`),
    gives: '2',
  },
  {
    does: 'decodes its cookie',
    play: bringing(
      (pair) => `${pair.slice(0, -1)}%${pair.charCodeAt(pair.length - 1).toString(16)}`,
    ),
    gives: '2',
  },
  { does: 'takes no cookie of another name', play: bringing((pair) => `x${pair}`), gives: '1' },
  {
    does: 'takes the first of two cookies',
    play: bringing((pair) => `${pair}; sess=other`),
    gives: '2',
  },
  {
    // sess looked at the first only.
    does: 'takes the first that it knows',
    play: bringing((pair) => `sess=other; ${pair}`),
    gives: '2',
    once: '1',
  },
  { does: 'takes an empty cookie for none', play: bringing(() => 'sess='), gives: '1' },
  {
    does: 'signs nothing: its value is the id',
    play: after(({ sessionID, headers }, res) =>
      res.end(`${headers.cookie === `sess=${sessionID}`}`),
    ),
    gives: 'true',
  },
  {
    does: 'has nothing of a cookie on the session',
    play: first(({ session }, res) => res.end(`${session['cookie']} ${session['resetMaxAge']}`)),
    gives: 'undefined undefined',
  },
]
