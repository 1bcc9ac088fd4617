/** What `sess` got wrong and ours does not, and the finer points of its manners. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { sess } from '../../src/compat/sess.ts'
import { hrefOf } from '../../src/compat/sess-cookie.ts'
import { memoryCollection, rowOf } from '../session/stores/modeler-ground.ts'
import { type Act, count, idsOf, serve, startSess } from './sess-ground.ts'

const idIn = (cookie: string) => cookie.slice('sess='.length)

/** Sets a field named by the address, and takes its time where that says so. */
const set: Act = async ({ session, url = '' }, res) => {
  session[url] = true
  if (url.startsWith('/slow')) await sleep(60)
  res.end()
}

describe('sess of ours', () => {
  it('keeps what parallel requests change, also where a revision was overtaken', async () => {
    const sessions = memoryCollection()
    const { browser } = await startSess(set, sess({ sessions }))
    const visitor = browser()
    await visitor('/first')

    await Promise.all([visitor('/slow-1'), visitor('/fast'), visitor('/slow-2')])

    const row = await rowOf(sessions, idIn(visitor.cookie))
    expect(row).toMatchObject({ '/slow-1': true, '/fast': true, '/slow-2': true, rev: 4 })
  })

  it('lets a destroyed session stay destroyed, whoever comes late', async () => {
    const sessions = memoryCollection()
    const [begun, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const act: Act = async (req, res) => {
      if (req.url === '/out') return req.session.destroy(() => res.end())
      if (req.url !== '/late') return count(req, res)
      begun.resolve()
      await gone.promise
      return count(req, res)
    }
    const { browser } = await startSess(act, sess({ sessions }))
    const visitor = browser()
    await visitor()

    const late = visitor('/late')
    await begun.promise
    await visitor('/out')
    gone.resolve()

    expect((await late).body).toBe('2')
    expect(await idsOf(sessions)).toEqual([])
  })

  it('sends the cookie of a session that was saved by hand, and writes it once', async () => {
    const sessions = memoryCollection()
    const { browser } = await startSess((req, res) => {
      req.session['user'] = 'ada'
      req.session.save(() => res.end())
    }, sess({ sessions }))
    const visitor = browser()

    expect((await visitor()).lines).toHaveLength(1)
    expect(await rowOf(sessions, idIn(visitor.cookie))).toMatchObject({ rev: 1, user: 'ada' })
  })

  it('sets its cookie beside those of the app', async () => {
    const { browser } = await startSess((req, res) => {
      req.session['user'] = 'ada'
      res.setHeader('Set-Cookie', 'a=b')
      res.end()
    })

    expect((await browser()()).lines).toEqual(['a=b', expect.stringMatching(/^sess=/)])
  })

  it.each([
    [
      'a save that fails',
      { save: (_: unknown, done: (error: Error) => void) => done(new Error('no')) },
      'no',
    ],
    ['a cycle', {}, /circular/],
  ])('answers with an error after %s', async (_, hooks, message) => {
    const act: Act = (req, res) => {
      req.session['self'] = message === 'no' ? 1 : req.session
      res.end('fine')
    }
    const { browser, errors } = await startSess(act, sess({ sessions: memoryCollection(hooks) }))

    expect((await browser()()).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })])
  })

  it('fails the answer when a destroy fails and nobody asked', async () => {
    const destroy = (_: unknown, done: (error: Error) => void) => done(new Error('no'))
    const { browser } = await startSess((req, res) => {
      if (req.url !== '/out') return count(req, res)
      req.session.destroy()
      return res.end()
    }, sess({ destroy }))
    const visitor = browser()
    await visitor()

    expect((await visitor('/out')).status).toBe(500)
    expect((await visitor()).body).toBe('2')
  })

  it('tells a listener of the response at once what nobody else is told', async () => {
    const destroy = (_: unknown, done: (error: Error) => void) => done(new Error('no'))
    const { browser } = await startSess((req, res) => {
      if (req.url !== '/out') return count(req, res)
      res.on('error', ({ message }) => res.end(`said ${message}`))
      return req.session.destroy()
    }, sess({ destroy }))
    const visitor = browser()
    await visitor()

    expect((await visitor('/out')).body).toBe('said no')
  })

  it('answers when a collection never does', async () => {
    const sessions = { ...memoryCollection(), load: () => {} }
    const { browser, errors } = await startSess(count, sess({ sessions, storeTimeout: 0.05 }))
    const visitor = Object.assign(browser(), { cookie: 'sess=x' })

    expect((await visitor()).status).toBe(500)
    expect(errors).toMatchObject([{ code: 'E_MODELER_SILENT' }])
  })

  it('shares no nested value with the store, and keeps no request alive in it', async () => {
    const sessions = memoryCollection()
    const { browser } = await startSess((req, res) => {
      if (req.url === '/spoil') {
        Object(req.session['cart']).items = 99
        Reflect.set(req, 'session', null)
      } else req.session['cart'] ??= { items: 1 }
      res.end(JSON.stringify(req.session?.['cart']))
    }, sess({ sessions }))
    const visitor = browser()
    await visitor()
    await visitor('/spoil')

    expect((await visitor()).body).toBe('{"items":1}')
    const row = await rowOf(sessions, idIn(visitor.cookie))
    expect(row && 'req' in row).toBe(false)
  })

  it('keeps Dates, expressions and odd numbers, and texts that look like them', async () => {
    const value = { at: new Date(5), like: /a\/b/gi, none: Number.NaN, text: '\u0000D5' }
    const { browser } = await startSess((req, res) => {
      const seen = req.session['value'] as typeof value | undefined
      req.session['value'] = value
      res.end(seen && `${seen.at.getTime()} ${seen.like} ${seen.none} ${seen.text === '\u0000D5'}`)
    })
    const visitor = browser()
    await visitor()

    expect((await visitor()).body).toBe('5 /a\\/b/gi NaN true')
  })

  it('stores what changes after the headers went out, before the last byte', async () => {
    const sessions = memoryCollection()
    const { browser } = await startSess(async (req, res) => {
      res.write('a')
      await sleep(20)
      req.session['late'] = true
      res.end('b')
    }, sess({ sessions }))

    const page = await browser()()

    expect([page.body, page.lines]).toEqual(['ab', []])
    expect(await idsOf(sessions)).toHaveLength(1)
  })

  it('keeps the row when the session is taken off the request', async () => {
    const { browser } = await startSess((req, res) => {
      if (req.url !== '/off') return count(req, res)
      Reflect.deleteProperty(req, 'session')
      return res.end()
    })
    const visitor = browser()
    await visitor()
    await visitor('/off')

    expect((await visitor()).body).toBe('2')
  })

  it('tries every cookie of its name, and takes the first that is known', async () => {
    const { browser } = await startSess()
    const visitor = browser()
    await visitor()
    visitor.cookie = `sess=old; ${visitor.cookie}; x=y`

    expect((await visitor()).body).toBe('2')
  })

  it('reads cookies that a semicolon parts, not a comma', async () => {
    const { browser } = await startSess()
    const visitor = browser()
    await visitor()
    visitor.cookie = `a=1,${visitor.cookie}`

    expect((await visitor()).body).toBe('1')
  })

  it('serves at once who brings no cookie', async () => {
    const { browser } = await serve((req, res) => {
      let isServed = false
      sess()(req, res, () => {
        isServed = true
      })
      res.end(String(isServed))
    })

    expect((await browser()()).body).toBe('true')
  })

  it('hands on what making a session throws', async () => {
    const create = () => {
      throw new Error('none made')
    }
    const { browser, errors } = await startSess(count, sess({ create }))

    expect((await browser()()).status).toBe(500)
    expect(errors).toMatchObject([{ message: 'none made' }])
  })

  it('takes the address apart on req.href', async () => {
    const { browser, url } = await startSess((req, res) =>
      res.end(JSON.stringify(Object(req).href)),
    )
    const headers = { authorization: `Basic ${Buffer.from('ada:1').toString('base64')}` }

    const href = JSON.parse((await browser()('/a/b?c=d', headers)).body)

    expect(href).toMatchObject({ protocol: 'http:', pathname: '/a/b', query: 'c=d', auth: 'ada:1' })
    expect(href.href).toBe(`${url.replace('//', '//ada:1@')}/a/b?c=d`)
    const named = { url: '/', headers: { host: 'Example.COM' }, socket: {} }
    expect(hrefOf(named as never)).toMatchObject({ host: 'example.com' })
  })
})

describe('sess as it was', () => {
  it('names the row in its cookie, whatever an app puts on req.sessionID', async () => {
    const { browser } = await startSess((req, res) => {
      req.sessionID = 'mine'
      count(req, res)
    })
    const visitor = browser()

    expect([(await visitor()).body, (await visitor()).body]).toEqual(['1', '2'])
  })

  it.each(['save', 'reload', 'regenerate', 'destroy'] as const)(
    'calls back after %s with null where all went well',
    async (method) => {
      const { browser } = await startSess((req, res) => {
        req.session['seen'] = true
        req.session[method]((...given) => res.end(JSON.stringify(given.map((error) => `${error}`))))
      })

      expect((await browser()()).body).toBe('["null"]')
    },
  )
})
