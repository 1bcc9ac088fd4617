import { describe, expect, it } from 'vitest'
import { compile, params, routerOf, target } from './table.ts'

describe('an address', () => {
  it('with a verb answers that verb, and HEAD where it is GET', () => {
    const router = routerOf({ 'get /a': 'read', 'POST /a': 'write' })

    expect(target(router, 'GET', '/a')).toBe('read')
    expect(target(router, 'HEAD', '/a')).toBe('read')
    expect(target(router, 'POST', '/a')).toBe('write')
    expect(target(router, 'PUT', '/a')).toBeUndefined()
  })

  it('without a verb answers five', () => {
    const router = routerOf({ '/a': 'any' })

    expect(router.routes.map(({ verb }) => verb)).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    expect(router.routes.map(({ address }) => address)).toEqual(Array(5).fill('/a'))
    expect(target(router, 'OPTIONS', '/a')).toBeUndefined()
  })

  it.each(['ALL /a', 'all /a'])('%s answers all', (address) => {
    const router = routerOf({ [address]: 'any' })

    expect(target(router, 'OPTIONS', '/a')).toBe('any')
    expect(target(router, 'DELETE', '/a')).toBe('any')
  })

  it.each(['/login', '/LOGIN', '/login/', '/Login/'])('of fixed text matches %s', (path) => {
    expect(target(routerOf({ 'GET /Login': 'login' }), 'GET', path)).toBe('login')
  })

  it.each(['/user/:id', '/user/:id/', '/user/*', '/user/*/'])(
    '%s matches with a slash at the end and without',
    (path) => {
      const router = routerOf({ [`GET ${path}`]: 'a' })

      expect([target(router, 'GET', '/user/7'), target(router, 'GET', '/user/7/')]).toEqual([
        'a',
        'a',
      ])
      expect(Object.values(params(router, '/user/7/'))).toEqual([expect.stringMatching(/^7\/?$/)])
    },
  )

  it('with parameters gives them decoded', () => {
    const router = routerOf({ 'GET /user/:id/:what': 'user' })

    expect(params(router, '/user/7/caf%C3%A9%20au%2Flait')).toEqual({
      id: '7',
      what: 'café au/lait',
    })
    expect(params(router, '/USER/7/x/')).toEqual({ id: '7', what: 'x' })
    expect(target(router, 'GET', '/user/7')).toBeUndefined()
    expect(target(router, 'GET', '/user/7/x/y')).toBeUndefined()
  })

  it('takes optional parameters', () => {
    const router = routerOf({ 'GET /user/:id?': 'user', 'GET /a/:b?/c': 'between' })

    expect(params(router, '/user')).toEqual({})
    expect(target(router, 'GET', '/user')).toBe('user')
    expect(params(router, '/user/7')).toEqual({ id: '7' })
    expect(target(router, 'GET', '/a/c')).toBe('between')
    expect(params(router, '/a/b/c')).toEqual({ b: 'b' })
  })

  it('takes wildcards, numbered where they have no name', () => {
    const router = routerOf({
      'GET /files/*': 'files',
      'GET /docs/*page': 'docs',
      'GET /a*/b/*': 'two',
    })

    expect(params(router, '/files/a/b%20c.txt')).toEqual({ 0: 'a/b c.txt' })
    expect(target(router, 'GET', '/files/')).toBe('files')
    expect(target(router, 'GET', '/files')).toBeUndefined()
    expect(params(router, '/docs/a/b')).toEqual({ page: 'a/b' })
    expect(params(router, '/ax/b/c/d')).toEqual({ 0: 'x', 1: 'c/d' })
  })

  it.each(['/*', '*'])('%s matches every path', (address) => {
    const router = routerOf({ [address]: 'all' })

    expect(target(router, 'GET', '/')).toBe('all')
    expect(target(router, 'GET', '/a/b')).toBe('all')
  })

  it('takes regular expressions as they are written', () => {
    const router = routerOf({ 'GET r|^/x/(\\d+)/(a|b)$|id, kind': 'x', 'r|^/plain$|': 'plain' })

    expect(params(router, '/x/12/b')).toEqual({ id: '12', kind: 'b' })
    expect(target(router, 'GET', '/X/12/b')).toBeUndefined()
    expect(target(router, 'GET', '/x/y/b')).toBeUndefined()
    expect(target(router, 'POST', '/plain')).toBe('plain')
  })

  it('gives groups of an expression the names at its end, then their own or their numbers', () => {
    const router = routerOf({
      'r|^/a/(\\d+)/(\\w+)(?:/(x))?$|id': 'rest by number',
      'r|^/b/(?<year>\\d+)/(\\d+)/(?<!-)(?<day>\\d+)/(\\d+)$|': 'own names',
      'r|^/c/([(]|\\()(\\d)$|,n': 'what looks like a group',
      'r|^/d/(\\d)$|': 'none',
    })

    expect(params(router, '/a/1/b')).toEqual({ id: '1', 1: 'b' })
    expect(params(router, '/a/1/b/x')).toEqual({ id: '1', 1: 'b', 2: 'x' })
    expect(params(router, '/b/26/11/27/9')).toEqual({ year: '26', 0: '11', day: '27', 1: '9' })
    expect(params(router, '/c/(7')).toEqual({ 0: '(', n: '7' })
    expect(params(router, '/d/7')).toEqual({ 0: '7' })
  })

  it('with letters beyond ASCII matches them as requests write them', () => {
    const router = routerOf({ 'GET /café': 'raw', 'GET /caf%C3%A8/:id': 'encoded' })

    expect(target(router, 'GET', '/caf%c3%a9')).toBe('raw')
    expect(target(router, 'GET', '/caf%C3%A8/1')).toBe('encoded')
  })

  it.each([
    ['FETCH /x', /'FETCH' is no verb/, /get, post/],
    ['ON get', /'get' is no event/, /another name/],
    ['GET x', /no path/, /slash/],
    ['', /no path/, /slash/],
    ['GET', /no path/, /slash/],
    ['/colou?r', /unexpected \?/, /r\|/],
    ['/a/:', /missing parameter name/, /:name/],
    ['r|^(|id', /regular expression/i, /expression/],
    ['r|x', /no regular expression/, /r\|/],
  ])('%s is a problem', (address, what, fix) => {
    const { problems, router } = compile({ [address]: 'x' })

    expect(router.routes).toEqual([])
    expect(problems).toEqual([
      {
        where: `config/routes · '${address}'`,
        what: expect.stringMatching(what),
        fix: expect.stringMatching(fix),
      },
    ])
  })
})
