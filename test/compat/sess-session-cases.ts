/** What the session of `sess` is and what its methods do: tried on sess 0.1.4, and on ours. */
import { memoryCollection, rowOf } from '../session/stores/modeler-ground.ts'
import { type Act, count, idsOf, type SessRequest, startSess } from './sess-ground.ts'
import { after, bodies, first, rows, type SessCase, tour } from './sess-play.ts'

const json = (res: Parameters<Act>[1], value: unknown) => res.end(JSON.stringify(value))
type Method = 'save' | 'destroy' | 'regenerate' | 'reload'

/** Whether a method gives the session it was called on. */
const given = (method: Method | 'touch'): SessCase['play'] =>
  after(({ session }, res) => {
    // sess calls back at once where the collection does.
    const answer = () => setImmediate(() => res.end(String(result === session)))
    const result = method === 'touch' ? session.touch() : session[method](answer)
    if (method === 'touch') answer()
  })

/** What a method calls back with; no error may be null or nothing. */
const calledBack = (method: Method): SessCase['play'] =>
  after(({ session }, res) => {
    session['seen'] = true
    session[method]((error) => res.end(String(error ?? 'no error')))
  })

/** What a second visit sees of the address apart. */
const href =
  (part: string): SessCase['play'] =>
  async (make) => {
    const act: Act = (req, res) => res.end(String(Object(req).href[part]))
    const { browser, url } = await startSess(act, make())
    return (await browser()('/a/b?c=d')).body.replace(url.slice('http://'.length), 'HOST')
  }

/** What two requests leave that wrote at the same time, of which the first to begin is the last to end. */
const atOnce =
  (field: (path: string) => string): SessCase['play'] =>
  async (make) => {
    const sessions = memoryCollection()
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const act: Act = async (req, res) => {
      if (req.url === '/slow') {
        begun.resolve()
        await go.promise
      }
      req.session[field(req.url ?? '')] = req.url
      res.end()
    }
    const visitor = (await startSess(act, make({ sessions }))).browser()
    await visitor('/first')
    const slow = visitor('/slow')
    await begun.promise
    await visitor('/fast')
    await visitor('/faster')
    go.resolve()
    await slow
    const {
      id: _,
      created: __,
      updated: ___,
      rev: ____,
      ...data
    } = (await rowOf(sessions, (await idsOf(sessions))[0] ?? '')) ?? { id: '' }
    return data
  }

export const sessionCases: readonly SessCase[] = [
  {
    does: 'has the fields of a new row',
    play: first(({ session }, res) => json(res, [Object.keys(session), session.rev])),
    gives: '[["id","created","rev"],0]',
  },
  {
    does: 'has the fields of a stored row',
    play: after(({ session }, res) => json(res, [Object.keys(session).toSorted(), session.rev])),
    gives: '[["created","id","rev","updated","views"],1]',
  },
  {
    does: 'has Dates in it',
    play: after(({ session: { created, updated } }, res) =>
      json(res, [created instanceof Date, updated instanceof Date]),
    ),
    gives: '[true,true]',
  },
  {
    does: 'has its methods where `for in` sees them',
    play: first(({ session }, res) => {
      const names: string[] = []
      for (const name in session) names.push(name)
      json(res, names.slice(3))
    }),
    gives: '["req","res","save","destroy","touch","reload","regenerate"]',
  },
  {
    does: 'has its request and response',
    play: first((req, res) => json(res, [req.session.req === req, req.session.res === res])),
    gives: '[true,true]',
  },
  {
    does: 'shows no method in JSON',
    play: first(({ session }, res) => json(res, Object.keys(JSON.parse(JSON.stringify(session))))),
    gives: '["id","created","rev"]',
  },
  {
    does: 'has its id on the request',
    play: first(({ session, sessionID }, res) => json(res, session.id === sessionID)),
    gives: 'true',
  },
  {
    does: 'has an id of 32 letters and digits',
    play: first(({ sessionID }, res) => json(res, /^[0-9A-Za-z]{32}$/.test(sessionID))),
    gives: 'true',
  },
  {
    // Seven characters of sess told the time.
    does: 'has an id of which no part is that of another',
    async play(make) {
      const middleware = make()
      const ids = await Promise.all(Array.from({ length: 20 }, () => tour(middleware, ['/id'])))
      return new Set(ids.map(([page]) => page?.body.slice(0, 5))).size
    },
    gives: 20,
    once: 1,
  },
  {
    does: 'has no store on the request',
    play: first((req, res) => json(res, 'sessionStore' in req)),
    gives: 'false',
  },
  { does: 'gives req.href with its path', play: href('pathname'), gives: '/a/b' },
  { does: 'gives req.href with its query', play: href('query'), gives: 'c=d' },
  { does: 'gives req.href with its protocol', play: href('protocol'), gives: 'http:' },
  { does: 'gives req.href with its host', play: href('host'), gives: 'HOST' },
  {
    does: 'adopts no id that it does not know',
    async play(make) {
      const { browser } = await startSess(({ sessionID }, res) => res.end(sessionID), make())
      return (await browser()('/', { cookie: 'sess=chosen' })).body.length
    },
    gives: 32,
  },
  {
    does: 'hands on what a load fails of',
    async play(make) {
      const load = (_: unknown, done: (error: Error) => void) => done(new Error('no load'))
      const { browser, errors } = await startSess(count, make({ load }))
      const visitor = browser()
      await visitor()
      await visitor()
      return errors.map((error) => Object(error).message)
    },
    gives: ['no load'],
  },
]

export const methodCases: readonly SessCase[] = [
  { does: 'save gives the session', play: given('save'), gives: 'true' },
  { does: 'reload gives the session', play: given('reload'), gives: 'true' },
  { does: 'regenerate gives the session', play: given('regenerate'), gives: 'true' },
  { does: 'destroy gives the session', play: given('destroy'), gives: 'true' },
  { does: 'touch gives the session', play: given('touch'), gives: 'true' },
  { does: 'save calls back', play: calledBack('save'), gives: 'no error' },
  { does: 'reload calls back', play: calledBack('reload'), gives: 'no error' },
  { does: 'regenerate calls back', play: calledBack('regenerate'), gives: 'no error' },
  { does: 'destroy calls back', play: calledBack('destroy'), gives: 'no error' },
  {
    does: 'save calls back where nothing changed, and stores nothing',
    play: rowsAfterSaves(0),
    gives: [],
  },
  {
    // sess wrote once more at the end.
    does: 'save stores at once, and the end of the answer nothing more',
    play: rows({}, '/save'),
    gives: [{ rev: 1, views: 1 }],
    once: [{ rev: 2, views: 1 }],
  },
  {
    does: 'destroy takes the session off the request',
    play: bodies({}, '/count', '/destroy'),
    gives: ['1', 'undefined undefined'],
  },
  { does: 'destroy removes the row', play: rows({}, '/count', '/destroy'), gives: [] },
  {
    does: 'destroy lets the next visit begin anew',
    play: bodies({}, '/count', '/count', '/destroy', '/count'),
    gives: ['1', '2', 'undefined undefined', '1'],
  },
  {
    does: 'regenerate gives another id',
    async play(make) {
      const [before, after] = await tour(make(), ['/id', '/regenerate'])
      return [after?.body.length, before?.body === after?.body]
    },
    gives: [32, false],
  },
  {
    does: 'regenerate removes the row, and stores no empty one',
    play: rows({}, '/count', '/regenerate'),
    gives: [],
  },
  {
    does: 'regenerate begins without data',
    play: bodies({}, '/count', '/count', '/regenerate-count', '/count'),
    gives: ['1', '2', '1', '2'],
  },
  {
    does: 'regenerate puts another object on the request',
    play: after((req, res) => {
      const { session } = req
      session.regenerate(() => json(res, req.session === session))
    }),
    gives: 'false',
  },
  {
    does: 'regenerate that fails leaves the session as it was',
    play: after(
      (req, res) => {
        const { session, sessionID } = req
        session.regenerate((error) =>
          json(res, [Object(error).message, req.session === session, req.sessionID === sessionID]),
        )
      },
      { destroy: (_, done) => done(new Error('no')) },
    ),
    gives: '["no",true,true]',
  },
  {
    does: 'destroy that fails leaves the session as it was',
    play: after(
      (req, res) => {
        const { session } = req
        session.destroy((error) => json(res, [Object(error).message, req.session === session]))
      },
      { destroy: (_, done) => done(new Error('no')) },
    ),
    gives: '["no",true]',
  },
  {
    does: 'reload forgets what was not stored, in another object',
    play: after((req, res) => {
      const { session } = req
      session['views'] = 99
      session.reload(() => json(res, [req.session === session, req.session['views']]))
    }),
    gives: '[false,1]',
  },
  {
    does: 'reload without a row gives an empty session of that id',
    play: reloadedWithoutRow(),
    gives: [true, null],
  },
  {
    does: 'touch stores nothing',
    play: rows({}, '/count', '/touch', '/touch'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    // sess dropped the later one without a word.
    does: 'keeps both of two changes at once',
    play: atOnce((path) => path),
    gives: { '/first': '/first', '/fast': '/fast', '/faster': '/faster', '/slow': '/slow' },
    once: { '/first': '/first', '/fast': '/fast', '/faster': '/faster' },
  },
  {
    does: 'keeps the later of two changes to the same',
    play: atOnce(() => 'at'),
    gives: { at: '/slow' },
    once: { at: '/faster' },
  },
  {
    does: 'tells a listener of the response where a method fails that has no callback',
    play: after(
      ({ session }, res) => {
        res.on('error', ({ message }) => res.end(`said ${message}`))
        session.destroy()
      },
      { destroy: (_, done) => done(new Error('no')) },
    ),
    gives: 'said no',
  },
]

function rowsAfterSaves(rev: number): SessCase['play'] {
  return async (make) => {
    const sessions = memoryCollection()
    const act = ({ session }: SessRequest, res: Parameters<Act>[1]) => {
      session.save(() => res.end(String(session.rev === rev)))
    }
    await (await startSess(act, make({ sessions }))).browser()()
    return idsOf(sessions)
  }
}

function reloadedWithoutRow(): SessCase['play'] {
  return async (make) => {
    const sessions = memoryCollection()
    const act: Act = (req, res) => {
      if (req.url === '/first') return count(req, res)
      const { id } = req.session
      return sessions.destroy(id, () =>
        req.session.reload(() => json(res, [req.session.id === id, req.session['views'] ?? null])),
      )
    }
    const visitor = (await startSess(act, make({ sessions }))).browser()
    await visitor('/first')
    return JSON.parse((await visitor()).body)
  }
}
