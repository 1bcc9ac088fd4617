import { describe, expect, it } from 'vitest'
import type { Browser } from '../src/testing/browser.ts'
import { type Files, liftedForAll } from './support/lift-files.ts'

/** The same app behind both doors. */
const files: Files = {
  'config/routes.mjs': `export default {
    'GET /object': 'answer/object',
    'GET /text': 'answer/text',
    'GET /null': 'answer/null',
    'GET /number': 'answer/number',
    'GET /json': 'answer/json',
    'GET /later': 'answer/later',
    'GET /created': 'answer/created',
    'GET /user/:id': 'answer/param',
    'POST /echo': 'answer/echo',
    'GET /old': '/object',
    'GET /missing': 'answer/missing',
    'GET /teapot': 'answer/teapot',
    'GET /throws': 'answer/throws',
    'GET /rejects': 'answer/rejects',
    'GET /next': 'answer/next',
    'GET /updates': 'answer/updates',
    'GET /unstorable': 'answer/unstorable',
    'GET /guarded': 'answer/guarded',
    'GET /locked': 'answer/locked',
    'GET /chain': ['stamp', 'answer/stamped'],
    'GET /broken': ['rejects-nothing', 'answer/guarded'],
    'GET /torn': ['throws-nothing', 'answer/guarded'],
    'GET /nothing': 'answer/nothing',
    'GET /falls': (req, res, next) => next(),
    'GET /goes/:on': (req, res, next) => next(),
    '/goes/:on': ['stamp', (req, res, next) => next()],
    'GET /goes/*': (req) => ({ stamp: req.stamp, params: req.params }),
    'POST /goes/*': () => 'never',
    'GET /inner/*': { policy: 'has-key' },
    '/inner/*': 'answer/text',
    'GET /wide': (req, res, next) => next(),
    '/wide': 'answer/text',
    'GET /fails/:on': (req, res, next) => next(Object.assign(new Error('no'), { status: 409 })),
    'GET /fails/*': () => 'never',
    'GET /twice': 'answer/twice',
    'GET /returned/:what': 'answer/returned',
    'PUT /thing': 'answer/verb',
    'PATCH /thing': 'answer/verb',
    'DELETE /thing': 'answer/verb',
  }`,
  'config/policies.mjs': `export default {
    'answer/guarded': 'has-key',
    'answer/locked': false,
  }`,
  'api/policies/has-key.mjs': `export default (req, res, next) =>
    req.param('key') === 'brass' ? next() : res.forbidden()`,
  'api/policies/rejects-nothing.mjs': `export default async () => { await Promise.reject() }`,
  'api/policies/throws-nothing.mjs': `export default () => { throw undefined }`,
  'api/controllers/answer/nothing.mjs': `export default () => { throw null }`,
  'api/policies/stamp.mjs': `export default async (req, res, next) => {
    req.stamp = 'stamped'
    next()
  }`,
  'api/controllers/answer/object.mjs': `export default () => ({ a: 1, nested: { b: [2] } })`,
  'api/controllers/answer/text.mjs': `export default () => 'plain words'`,
  'api/controllers/answer/null.mjs': `export default () => null`,
  'api/controllers/answer/number.mjs': `export default () => 7`,
  'api/controllers/answer/json.mjs': `export default (req, res) => res.json({ via: 'res.json' })`,
  'api/controllers/answer/later.mjs': `export default (req, res) => {
    setTimeout(() => res.json({ late: true }), 5)
  }`,
  'api/controllers/answer/created.mjs': `export default (req, res) => res.created({ id: 1 })`,
  'api/controllers/answer/param.mjs': `export default (req) => ({ id: req.param('id'), all: req.allParams() })`,
  'api/controllers/answer/echo.mjs': `export default (req) => ({ body: req.body, query: req.query })`,
  'api/controllers/answer/missing.mjs': `export default (req, res) => res.notFound()`,
  'api/controllers/answer/teapot.mjs': `export default (req, res) => { res.status(418); return { short: true } }`,
  'api/controllers/answer/throws.mjs': `export default () => { throw new Error('thrown') }`,
  'api/controllers/answer/rejects.mjs': `export default async () => { throw new Error('rejected') }`,
  'api/controllers/answer/updates.mjs': `export default async (req) => { await req.session.update(async () => {}) }`,
  'api/controllers/answer/unstorable.mjs': `export default (req) => { req.session.huge = 1n; throw new Error('thrown') }`,
  'api/controllers/answer/next.mjs': `export default (req, res, next) => next(Object.assign(new Error('no'), { status: 409, expose: true }))`,
  'api/controllers/answer/guarded.mjs': `export default () => ({ treasure: true })`,
  'api/controllers/answer/locked.mjs': `export default () => ({ treasure: true })`,
  'api/controllers/answer/stamped.mjs': `export default (req) => ({ stamp: req.stamp })`,
  'api/controllers/answer/twice.mjs': `export default (req, res) => { res.json({ first: true }); return { second: true } }`,
  'api/controllers/answer/returned.mjs': `
    import { EventEmitter } from 'node:events'

    const returned = {
      timer: (req, answer) => setTimeout(answer, 5),
      immediate: (req, answer) => setImmediate(answer),
      emitter: (req, answer) => { setTimeout(answer, 5); return new EventEmitter() },
      request: (req, answer) => { setTimeout(answer, 5); return req },
      function: (req, answer) => { setTimeout(answer, 5); return () => {} },
      save: (req, answer) => req.session.save(answer),
      reload: (req, answer) => req.session.reload(answer),
      regenerate: (req, answer) => req.session.regenerate(answer),
      destroy: (req, answer) => req.session.destroy(answer),
      thenable: (req) => ({ then: (give) => setTimeout(give, 5, { answered: req.params.what }) }),
      model: (req) => Object.assign(new EventEmitter(), { toJSON: () => ({ answered: req.params.what }) }),
      saved: (req) => new Promise((done) => req.session.save(done)).then(() => req.session),
      'save-async': async (req, answer) => req.session.save(() => setTimeout(answer, 5)),
      session: (req) => Object.assign(req.session, { answered: req.params.what }),
    }

    export default (req, res) => {
      req.session.secret = 'not for the answer'
      return returned[req.params.what](req, () => res.json({ answered: req.params.what }))
    }`,
  'api/controllers/answer/verb.mjs': `export default (req) => ({ verb: req.method })`,
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

type Ask = (browser: Browser, request: string, data?: unknown) => Promise<Answer>

const doors: Record<string, Ask> = {
  async http(browser, request, data) {
    const [verb = '', path = ''] = request.split(' ')
    const method = verb.toLowerCase() as 'post'
    return browser[method](path, data)
  },
  async socket(browser, request, data) {
    const { statusCode, body } = await browser.emit(request, data)
    return { status: statusCode, body }
  },
}

/** Request, data, status, body; the cases that answer the same on both doors. */
const cases: [request: string, data: unknown, status: number, body: unknown][] = [
  ['GET /object', undefined, 200, { a: 1, nested: { b: [2] } }],
  ['GET /text', undefined, 200, 'plain words'],
  ['GET /null', undefined, 200, null],
  ['GET /number', undefined, 200, 7],
  ['GET /json', undefined, 200, { via: 'res.json' }],
  ['GET /later', undefined, 200, { late: true }],
  ['GET /created', undefined, 201, { id: 1 }],
  ['GET /user/5?q=1', undefined, 200, { id: '5', all: { q: '1', id: '5' } }],
  ['GET /USER/5/', undefined, 200, { id: '5', all: { id: '5' } }],
  ['POST /echo?q=a', { n: 1 }, 200, { body: { n: 1 }, query: { q: 'a' } }],
  ['GET /teapot', undefined, 418, { short: true }],
  ['GET /guarded?key=brass', undefined, 200, { treasure: true }],
  ['GET /chain', undefined, 200, { stamp: 'stamped' }],
  ['GET /twice', undefined, 200, { first: true }],
  ['GET /next', undefined, 409, { code: 'E_CONFLICT', message: 'no' }],
  ['GET /goes/far', undefined, 200, { stamp: 'stamped', params: { 0: 'far' } }],
  ['GET /wide', undefined, 200, 'plain words'],
  ['GET /inner/court?key=brass', undefined, 200, 'plain words'],
  ['GET /fails/so', undefined, 409, { code: 'E_CONFLICT', message: 'no' }],
  ['PUT /thing', {}, 200, { verb: 'PUT' }],
  ['PATCH /thing', {}, 200, { verb: 'PATCH' }],
  ['DELETE /thing', {}, 200, { verb: 'DELETE' }],
]

/** Refusals: the status is one, the words are the door's. */
const refusals: [request: string, status: number, code: string, plain: string][] = [
  ['GET /missing', 404, 'E_NOT_FOUND', 'Not Found'],
  ['GET /nowhere', 404, 'E_NOT_FOUND', 'Not Found'],
  ['POST /object', 404, 'E_NOT_FOUND', 'Not Found'],
  ['GET /falls', 404, 'E_NOT_FOUND', 'Not Found'],
  ['DELETE /goes/far', 404, 'E_NOT_FOUND', 'Not Found'],
  ['GET /inner/court', 403, 'E_FORBIDDEN', 'Forbidden'],
  ['GET /guarded', 403, 'E_FORBIDDEN', 'Forbidden'],
  ['GET /locked', 403, 'E_FORBIDDEN', 'Forbidden'],
  ['GET /throws', 500, 'E_SERVER', 'Internal Server Error'],
  ['GET /broken', 500, 'E_SERVER', 'Internal Server Error'],
  ['GET /torn', 500, 'E_SERVER', 'Internal Server Error'],
  ['GET /nothing', 500, 'E_SERVER', 'Internal Server Error'],
  ['GET /rejects', 500, 'E_SERVER', 'Internal Server Error'],
  ['GET /updates', 500, 'E_SESSION_UPDATE', 'Internal Server Error'],
  ['GET /unstorable', 500, 'E_SERVER', 'Internal Server Error'],
]

const production = { environment: 'production', sockets: { beforeConnect: false } }

describe.each(Object.entries(doors))('the walk over %s', (door, ask) => {
  const app = liftedForAll(files)
  const inProduction = liftedForAll(files, production)

  it.each(cases)('answers %s', async (request, data, status, body) => {
    const browser = app().browser()

    const answer = await ask(browser, request, data)

    expect(answer).toMatchObject({ status, body })
  })

  it.each(refusals)('refuses %s', async (request, status, code, plain) => {
    const browser = inProduction().browser()

    const answer = await ask(browser, request)

    const body = door === 'http' ? expect.objectContaining({ code }) : plain
    expect(answer).toMatchObject({ status, body })
  })

  it.each([
    'timer',
    'immediate',
    'emitter',
    'request',
    'function',
    'save',
    'save-async',
    'reload',
    'regenerate',
    'destroy',
    'thenable',
    'model',
  ])('answers later where what came back at once is no answer: %s', async (what) => {
    const browser = app().browser()

    const answer = await ask(browser, `GET /returned/${what}`)

    expect(answer).toEqual({ ...answer, status: 200, body: { answered: what } })
  })

  it('answers with a session that is returned for itself', async () => {
    const browser = app().browser()

    const answer = await ask(browser, 'GET /returned/session')

    expect(answer.body).toMatchObject({ answered: 'session' })
  })

  it('answers with a session whose callback has run', async () => {
    const browser = app().browser()

    const answer = await ask(browser, 'GET /returned/saved')

    expect(answer.body).toMatchObject({ secret: 'not for the answer' })
  })

  it('answers with the error of the action where the session cannot be stored either', async () => {
    const browser = app().browser()

    const answer = await ask(browser, 'GET /unstorable')

    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).toContain('thrown')
  })

  it('sends a redirect and does not follow it', async () => {
    const browser = app().browser()

    const answer = await ask(browser, 'GET /old')

    expect(answer.status).toBe(302)
    expect(String(answer.body)).toContain('/object')
  })

  it('refuses an address that cannot be decoded', async () => {
    const browser = app().browser()

    const answer = await ask(browser, 'GET /user/%E0%A4%A')

    expect(answer).toMatchObject({ status: 400, body: { code: 'E_BAD_URL' } })
  })
})
