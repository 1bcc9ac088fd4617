/** Every form of address and target of config/routes, over HTTP and over a socket: one answer on both doors. */
import { describe, expect, it } from 'vitest'
import { liftedForAll } from '../support/lift-files.ts'

const files = {
  'config/routes.ts': `export const routes = {
    'GET /action': 'shop/show',
    'GET /classic': 'UserController.find',
    'GET /object': { action: 'shop/show' },
    'GET /pair': { controller: 'UserController', action: 'find' },
    'GET /fn': { fn: (req, res) => res.json({ ran: 'fn' }) },
    'GET /inline': (req, res) => res.json({ ran: 'inline' }),
    'GET /chain': [{ policy: 'mark' }, (req, res, next) => { req.marks += 1; next() }, 'shop/marks'],
    'GET /guarded': 'shop/marks',
    'GET /closed': 'shop/closed',
    'GET /away': '/action',
    'GET /far': 'https://example.com/',
    'GET /response': { response: 'tooBusy' },
    'GET /declared/:count': 'declared',
    'GET /user/:id': (req) => ({ ran: 'user', ...req.params }),
    'GET /user/me': () => ({ ran: 'me' }),
    'GET /maybe/:id?': (req) => ({ ran: 'maybe', ...req.params }),
    'GET /wild/*': (req) => ({ ran: 'wild', ...req.params }),
    'r|^/num/(\\\\d+)$|number': (req) => ({ ran: 'expression', ...req.params }),
    'all /any': (req) => ({ ran: req.method }),
    '/open': (req) => ({ ran: req.method }),
    'PUT /open': () => ({ ran: 'the put' }),
    'GET /pages/*': { fn: (req) => ({ ran: 'page' }), skipAssets: true },
  }`,
  'config/policies.ts': `export const policies = {
    '*': false, 'shop/*': true, 'shop/marks': 'mark', 'shop/closed': false, 'user/*': true, declared: true,
  }`,
  'api/policies/mark.ts': `export default (req, res, next) => {
    req.marks = (req.marks ?? 0) + 10
    next()
  }`,
  'api/controllers/shop/show.ts': `export default () => ({ ran: 'shop/show' })`,
  'api/controllers/shop/marks.ts': 'export default (req) => ({ marks: req.marks })',
  'api/controllers/shop/closed.ts': `export default () => ({ ran: 'closed' })`,
  'api/controllers/UserController.ts': `export default {
    find(req, res) { return res.json({ ran: 'user/find' }) },
  }`,
  'api/controllers/declared.cjs': `module.exports = {
    inputs: { count: { type: 'number', required: true } },
    exits: { many: { statusCode: 413 } },
    fn: async ({ count }) => { if (count > 9) throw { many: { count } }; return { count } },
  }`,
  'api/responses/tooBusy.ts': `export default function () { this.res.status(429).json({ ran: 'busy' }) }`,
}

const app = liftedForAll(files)

const ran = (name: string) => ({ ran: name })

describe('a route', () => {
  it.each<[string, string, number, object]>([
    ['an action', 'GET /action', 200, ran('shop/show')],
    ['a classic controller', 'GET /classic', 200, ran('user/find')],
    ['{ action }', 'GET /object', 200, ran('shop/show')],
    ['{ controller, action }', 'GET /pair', 200, ran('user/find')],
    ['{ fn }', 'GET /fn', 200, ran('fn')],
    ['a function', 'GET /inline', 200, ran('inline')],
    ['a chain, { policy } in it', 'GET /chain', 200, { marks: 21 }],
    ['the most specific policy', 'GET /guarded', 200, { marks: 10 }],
    ['{ response }', 'GET /response', 429, ran('busy')],
    ['declared inputs', 'GET /declared/5', 200, { count: 5 }],
    ['an exit', 'GET /declared/10', 413, { count: 10 }],
    [
      'an input that does not fit',
      'GET /declared/x',
      400,
      { fields: { count: expect.any(String) } },
    ],
    ['a parameter', 'GET /user/7', 200, { ran: 'user', id: '7' }],
    ['fixed text before a parameter', 'GET /user/me', 200, ran('me')],
    ['an optional parameter', 'GET /maybe/7', 200, { ran: 'maybe', id: '7' }],
    ['an optional parameter left out', 'GET /maybe', 200, ran('maybe')],
    ['a wildcard', 'GET /wild/a/b', 200, { ran: 'wild', 0: 'a/b' }],
    ['a regular expression', 'GET /num/12', 200, { ran: 'expression', number: '12' }],
    ['all verbs', 'DELETE /any', 200, ran('DELETE')],
    ['no verb', 'PATCH /open', 200, ran('PATCH')],
    ['a verb before none', 'PUT /open', 200, ran('the put')],
    ['skipAssets', 'GET /pages/one', 200, ran('page')],
  ])('by %s answers the same on both doors: %s', async (_form, request, status, body) => {
    const visitor = app().browser()
    const [verb = '', path = ''] = request.toLowerCase().split(' ')
    const ask = visitor[verb as 'get' | 'put' | 'patch' | 'delete']

    expect(await ask(path)).toMatchObject({ status, body })
    expect(await visitor.emit(request)).toMatchObject({ statusCode: status, body })
  })

  it.each([
    ['a policy that says false', 'GET /closed', 403],
    ['an expression that does not fit', 'GET /num/x', 404],
    ['skipAssets, for a file', 'GET /pages/one.css', 404],
  ])('by %s refuses on both doors: %s', async (_form, request, status) => {
    const visitor = app().browser()

    expect(await visitor.get(request.slice(4))).toMatchObject({ status })
    expect(await visitor.emit(request)).toMatchObject({ statusCode: status })
  })

  it.each([
    ['GET /away', '/action'],
    ['GET /far', 'https://example.com/'],
  ])('%s redirects to %s on both doors', async (request, place) => {
    const visitor = app().browser()

    const { status, headers } = await visitor.get(request.slice(4))
    const ack = await visitor.emit(request)

    expect([status, headers.get('location')]).toEqual([302, place])
    expect([ack.statusCode, Object(ack.headers).location ?? Object(ack.headers).Location]).toEqual([
      302,
      place,
    ])
  })
})
