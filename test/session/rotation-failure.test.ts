/**
 * P10 with P12: the store fails in the middle of a rotation, or after it. Whatever the error answer says, it
 * brings the cookie of the session that lives: nobody is logged out by an outage.
 */
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { sessionMiddleware } from '../../src/session/express.ts'
import { createGround, type GroundOptions, type TestRequest } from './ground.ts'
import { down, startServer } from './wire.ts'

type Act = (req: TestRequest) => unknown

/** An app with a visitor who is logged in; `act` answers what it returns. */
async function startApp(act: Act, options: GroundOptions = {}) {
  const ground = createGround(options)
  const app = express()
  app.use(sessionMiddleware(ground.sessions, () => false) as RequestHandler)
  app.get('/data', (req, res) => {
    const { cookie: _, ...data } = { ...(req as unknown as TestRequest).session }
    res.json(data)
  })
  app.get('/login', (req, res) => {
    ;(req as unknown as TestRequest).session['userId'] = 'ada'
    res.end()
  })
  app.get('/act', async (req, res) => {
    await act(req as unknown as TestRequest)
    res.end('done')
  })
  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    return res.status(error.status ?? 500).json({ message: error.message })
  }) satisfies ErrorRequestHandler)
  const { url } = await startServer(app)
  const browser = createBrowser(url)
  await browser('/login')
  return { ground, browser }
}

/** Keeps the cookie that each answer brings, whatever its status. */
function createBrowser(url: string) {
  async function browser(path: string) {
    const answer = await fetch(url + path, { headers: { Cookie: browser.cookie } })
    const line = answer.headers.getSetCookie().find((given) => given.startsWith('sid='))
    if (line) browser.cookie = line.split(';')[0] ?? ''
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }
  browser.cookie = ''
  return browser
}

const rotateAnd = (then: Act) => async (req: TestRequest) => {
  await req.session.rotate()
  await then(req)
}

describe('a rotation beside an outage', () => {
  it('P12: brings the new cookie along with the 503 when the commit after it fails', async () => {
    const { ground, browser } = await startApp(
      rotateAnd((req) => {
        req.session['lost'] = 1
        ground.store.before((verb) => {
          if (verb === 'swap') throw down()
        })
      }),
    )

    const failed = await browser('/act')
    ground.store.before(undefined)

    expect(failed.status).toBe(503)
    expect(failed.headers.get('cache-control')).toBe('private, no-store')
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"ada"}' })
  })

  it('P12: brings it when the value stored after it is refused', async () => {
    const { browser } = await startApp(
      rotateAnd((req) => {
        req.session['bad'] = 1n
      }),
    )

    const failed = await browser('/act')

    expect(failed.status).toBe(500)
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"ada"}' })
  })

  it('P12: brings it when the store has swapped, but its answer was lost', async () => {
    const { ground, browser } = await startApp(rotateAnd(() => {}))
    const { swap } = ground.store
    let swaps = 0
    ground.store.swap = async (...given) => {
      const result = await swap(...given)
      if (swaps++ === 0) throw down()
      return result
    }

    const failed = await browser('/act')

    expect(failed.status).toBe(503)
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"ada"}' })
  })

  it('P12: keeps the login when the answer of its own swap was lost', async () => {
    const { ground, browser } = await startApp((req) => {
      req.session['userId'] = 'eve'
    })
    ground.store.before((verb) => {
      if (verb === 'swap') throw down()
    })

    const failed = await browser('/act')
    ground.store.before(undefined)

    expect(failed.status).toBe(503)
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"eve"}' })
  })

  it('P12: lets a save that failed so be tried again by the commit', async () => {
    const { ground, browser } = await startApp(async (req) => {
      req.session['userId'] = 'eve'
      await req.session.save().catch(() => ground.store.before(undefined))
      req.session['after'] = 1
    })
    ground.store.before((verb) => {
      if (verb === 'swap') throw down()
    })

    const saved = await browser('/act')

    expect([saved.status, ground.told.dropped]).toEqual([200, []])
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"eve","after":1}' })
  })

  it('P5: a logout under the old id ends what a swap that never came about has created', async () => {
    const { ground, browser } = await startApp(rotateAnd(() => {}))
    ground.store.before((verb) => {
      if (verb === 'swap') throw down()
    })
    const late = await ground.browser(browser.cookie).open()

    await browser('/act')
    ground.store.before(undefined)
    await late.req.session.destroy()
    await late.end()

    expect(await browser('/data')).toMatchObject({ body: '{}' })
  })

  it('sends no cookie where the id has not moved', async () => {
    const { ground, browser } = await startApp(rotateAnd(() => {}))
    ground.store.before((verb) => {
      if (verb === 'create') throw down()
    })

    const failed = await browser('/act')

    expect([failed.status, failed.headers.getSetCookie()]).toEqual([503, []])
    ground.store.before(undefined)
    expect(await browser('/data')).toMatchObject({ body: '{"userId":"ada"}' })
  })
})
