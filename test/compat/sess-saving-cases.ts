/** When `sess` stores, what becomes of errors, and where it stands: tried on sess 0.1.4, and on ours. */
import { createRequire } from 'node:module'
import connect from 'connect'
import express from 'express'
import { memoryCollection, rowOf, saveRow } from '../session/stores/modeler-ground.ts'
import {
  type Act,
  count,
  idsOf,
  type SessRequest,
  serve,
  serveOn,
  startSess,
} from './sess-ground.ts'
import { after, bodies, change, first, rows, type SessCase, tour } from './sess-play.ts'

const require = createRequire(import.meta.url)
const middler = require('middler')

/** What answers within this many **milliseconds** does answer. */
const patience = 500

/** What a page says, or that it says nothing. */
async function answerOf(page: Promise<{ status: number }>): Promise<unknown> {
  const wait = Promise.withResolvers<string>()
  const timer = setTimeout(() => wait.resolve('no answer'), patience)
  const seen = await Promise.race([page.then(({ status }) => status), wait.promise])
  clearTimeout(timer)
  page.catch(() => {})
  return seen
}

/** What an app says that saves in vain. */
const saving =
  (act: Act): SessCase['play'] =>
  async (make) => {
    const save = (_: unknown, done: (error: Error) => void) => done(new Error('no save'))
    const said: string[] = []
    const listening: Act = (req, res) => {
      res.on('error', ({ message }) => said.push(message))
      return act(req, res)
    }
    const { browser } = await startSess(listening, make({ sessions: memoryCollection({ save }) }))
    return [await answerOf(browser()()), said]
  }

/** What a host gives to a visitor who comes twice. */
const views = async (browser: () => Promise<{ body: string }>) => [
  (await browser()).body,
  (await browser()).body,
]

export const savingCases: readonly SessCase[] = [
  { does: 'stores a change at the end', play: rows({}, '/count'), gives: [{ rev: 1, views: 1 }] },
  {
    does: 'counts what it stores',
    play: rows({}, '/count', '/count', '/count'),
    gives: [{ rev: 3, views: 3 }],
  },
  { does: 'stores nothing where nothing changed', play: rows({}, '/read', '/read'), gives: [] },
  {
    does: 'writes nothing where a stored session did not change',
    play: rows({}, '/count', '/read', '/read'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    does: 'writes nothing where a value is set and set back',
    play: rows({}, '/count', '/same'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    does: 'writes nothing where only the order of keys changed',
    play: async (make) => {
      const sessions = memoryCollection()
      const { browser } = await startSess((req, res) => {
        const { session } = req
        if (session.rev === 0) Object.assign(session, { a: 1, b: 2 })
        else {
          delete session['a']
          session['a'] = 1
        }
        res.end()
      }, make({ sessions }))
      const visitor = browser()
      await visitor()
      await visitor()
      return (await rowOf(sessions, visitor.cookie.slice('sess='.length)))?.rev
    },
    gives: 1,
  },
  {
    does: 'stores what changed before a redirect',
    play: rows({}, '/redirect'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    does: 'stores what changed behind the headers',
    play: rows({}, '/late'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    does: 'stores what a nested value changed to',
    play: async (make) => {
      const sessions = memoryCollection()
      const { browser } = await startSess(({ session }, res) => {
        if (session.rev === 0) session['cart'] = { items: [1] }
        else Object(session['cart']).items.push(2)
        res.end()
      }, make({ sessions }))
      const visitor = browser()
      await visitor()
      await visitor()
      return (await rowOf(sessions, visitor.cookie.slice('sess='.length)))?.['cart']
    },
    gives: { items: [1, 2] },
  },
  {
    does: 'stores that a value is gone',
    play: async (make) => {
      const sessions = memoryCollection()
      const { browser } = await startSess(({ session }, res) => {
        if (session.rev === 0) Object.assign(session, { a: 1, b: 2 })
        else delete session['a']
        res.end()
      }, make({ sessions }))
      const visitor = browser()
      await visitor()
      await visitor()
      const { a = 'gone', b } = (await rowOf(sessions, visitor.cookie.slice('sess='.length))) ?? {
        id: '',
      }
      return [a, b]
    },
    gives: ['gone', 2],
  },
  {
    does: 'has stored when the answer is there',
    play: async (make) => {
      const kept = memoryCollection()
      const save = ((row: { id: string }, done: never) =>
        setTimeout(() => kept.save(row, done), 20)) as never
      const sessions = { ...kept, save }
      const visitor = (await startSess(count, make({ sessions }))).browser()
      await visitor()
      return (await idsOf(kept)).length
    },
    gives: 1,
  },
  {
    does: 'keeps the row where the session is set to null',
    play: rows({}, '/count', '/null'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    does: 'keeps the row where the session is deleted',
    play: rows({}, '/count', '/delete'),
    gives: [{ rev: 1, views: 1 }],
  },
  {
    // In sess the visitor without a cookie loses the session.
    does: 'knows a session again that was saved by hand',
    play: bodies({}, '/save', '/count'),
    gives: ['', '2'],
    once: ['', '1'],
  },
  {
    // The memory of sess hands out its own nested values.
    does: 'shares no nested value that nobody stored',
    play: async (make) => {
      const { browser } = await startSess((req, res) => {
        req.session['cart'] ??= { items: 1 }
        const cart = Object(req.session['cart'])
        if (req.url === '/spoil') {
          cart.items = 99
          Reflect.set(req, 'session', null)
        }
        res.end(String(cart.items))
      }, make())
      const visitor = browser()
      await visitor()
      await visitor('/spoil')
      return (await visitor()).body
    },
    gives: '1',
    once: '99',
  },
]

export const errorCases: readonly SessCase[] = [
  {
    // sess tells of the error and never answers.
    does: 'answers where the end of the answer saves in vain',
    play: saving(count),
    gives: [500, ['no save']],
    once: ['no answer', ['no save']],
  },
  {
    does: 'tells the callback of a save in vain',
    play: first(
      (req, res) => {
        change(req)
        req.session.save((error) => {
          Reflect.set(req, 'session', null)
          res.end(String(Object(error).message))
        })
      },
      { save: (_, done) => done(new Error('no save')) },
    ),
    gives: 'no save',
  },
  {
    does: 'tells the callback of a reload in vain',
    play: async (make) => {
      let broken = false
      const load = (_: unknown, done: (error?: Error) => void) =>
        broken ? done(new Error('no load')) : done()
      const { browser } = await startSess((req, res) => {
        if (req.url === '/first') return count(req, res)
        broken = true
        return req.session.reload((error) => res.end(String(Object(error).message)))
      }, make({ load }))
      const visitor = browser()
      await visitor('/first')
      return (await visitor()).body
    },
    gives: 'no load',
  },
  {
    // In sess the end of the answer throws.
    does: 'answers where the session holds itself',
    play: async (make) => {
      const { browser } = await startSess(({ session }, res) => {
        session['self'] = session
        try {
          res.end('fine')
        } catch (error) {
          delete session['self']
          res.end(Object(error).name)
        }
      }, make())
      const { status, body } = await browser()()
      return status === 200 ? body : status
    },
    gives: 500,
    once: 'RangeError',
  },
  {
    does: 'calls back without an error where another wrote meanwhile',
    play: async (make) => {
      const sessions = memoryCollection()
      const act: Act = async (req, res) => {
        const { session } = req
        if (req.url === '/first') return count(req, res)
        const stored = await rowOf(sessions, session.id)
        await saveRow(sessions, { ...stored, id: session.id, rev: 5 })
        change(req)
        return session.save((error) => res.end(String(error ?? 'no error')))
      }
      const visitor = (await startSess(act, make({ sessions }))).browser()
      await visitor('/first')
      return (await visitor()).body
    },
    gives: 'no error',
  },
]

export const hostCases: readonly SessCase[] = [
  {
    does: 'serves on plain node:http',
    play: async (make) => views((await startSess(count, make())).browser()),
    gives: ['1', '2'],
  },
  {
    does: 'serves in a middler stack',
    play: async (make) => {
      const { browser } = await serveOn((server) => {
        middler(server)
          .add(make())
          .add((req: SessRequest, res: never) => count(req, res))
      })
      return views(browser())
    },
    gives: ['1', '2'],
  },
  {
    does: 'serves under the paths of middler',
    play: async (make) => {
      const { browser } = await serveOn((server) => {
        middler(server)
          .add(make())
          .get('/in', (req: SessRequest, res: never) => count(req, res))
      })
      const visitor = browser()
      return [(await visitor('/in')).body, (await visitor('/in')).body]
    },
    gives: ['1', '2'],
  },
  {
    does: 'serves in Connect',
    play: async (make) => {
      const app = connect()
        .use(make())
        .use(count as never)
      return views((await serve(app)).browser())
    },
    gives: ['1', '2'],
  },
  {
    does: 'serves in Express 5',
    play: async (make) => {
      const app = express().use(make())
      app.get('/', count as never)
      return views((await serve(app)).browser())
    },
    gives: ['1', '2'],
  },
  {
    does: 'serves answers of Express by json and redirect',
    play: async (make) => {
      const app = express().use(make())
      app.get('/', (req, res) => res.json(Object(req).session.views ?? 0))
      app.get('/in', (req, res) => {
        Object(req).session.views = 1
        res.redirect('/')
      })
      const visitor = (await serve(app)).browser()
      const { status } = await visitor('/in')
      return [status, (await visitor('/')).body]
    },
    gives: [302, '1'],
  },
  {
    does: 'needs of a collection create, load, save and destroy',
    play: async (make) => {
      const { copy, create, load, save, destroy } = memoryCollection()
      const sessions = { copy, create, load, save, destroy } as never
      const pages = await tour(make({ sessions }), ['/count', '/count', '/destroy', '/count'])
      return pages.map(({ body }) => body)
    },
    gives: ['1', '2', 'undefined undefined', '1'],
  },
  {
    does: 'lets middleware stand behind it that only uses req.session',
    play: after(({ session }, res) => {
      const said = session['said'] ?? 'nothing'
      session['said'] = 'hello'
      res.end(String(said))
    }),
    gives: 'nothing',
  },
]
