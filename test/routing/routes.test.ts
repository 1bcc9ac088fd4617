import { describe, expect, it } from 'vitest'
import { CatamaranError } from '../../src/errors.ts'
import { compileRoutes } from '../../src/routing/routes.ts'
import { noMore, routerOf, target } from './table.ts'

describe('the order of routes', () => {
  it('goes by how narrow an address is, not by the file', () => {
    const router = routerOf({
      '/*': 'all',
      'GET /user/*': 'folder',
      'GET /user/:id?': 'optional',
      'GET /user/:id': 'parameter',
      'GET /user/u-:id': 'part',
      'GET r|^/user/(\\d+)$|id': 'number',
      'GET /user/me': 'fixed',
    })

    expect(target(router, 'GET', '/user/me')).toBe('fixed')
    expect(target(router, 'GET', '/user/7')).toBe('number')
    expect(target(router, 'GET', '/user/u-7')).toBe('part')
    expect(target(router, 'GET', '/user/ada')).toBe('parameter')
    expect(target(router, 'GET', '/user')).toBe('optional')
    expect(target(router, 'GET', '/user/a/b')).toBe('folder')
    expect(target(router, 'GET', '/shop')).toBe('all')
    expect(target(router, 'POST', '/user/me')).toBe('all')
    expect([...new Set(router.routes.map((route) => route.target))]).toEqual([
      'fixed',
      'number',
      'part',
      'parameter',
      'optional',
      'folder',
      'all',
    ])
  })

  it('compares addresses segment by segment', () => {
    const router = routerOf({ '/:who/edit': 'second', '/user/:id': 'first' })

    expect(target(router, 'GET', '/user/edit')).toBe('first')
    expect(target(router, 'GET', '/shop/edit')).toBe('second')
  })

  it('puts a verb before none and none before ALL', () => {
    const router = routerOf({ 'ALL /a': 'all', '/a': 'five', 'GET /a': 'get', 'HEAD /a': 'head' })

    expect(target(router, 'HEAD', '/a')).toBe('head')
    expect(target(router, 'GET', '/a')).toBe('get')
    expect(target(router, 'POST', '/a')).toBe('five')
    expect(target(router, 'OPTIONS', '/a')).toBe('all')
  })

  it('keeps equals as they are written', () => {
    const router = routerOf({ 'GET /:a': 'first', 'GET /:b': 'second' })

    expect(target(router, 'GET', '/x')).toBe('first')
  })
})

describe('a router', () => {
  it('knows only paths that start with a slash, whatever an expression says', () => {
    const router = routerOf({ 'GET r|me|': 'me' })

    expect(target(router, 'GET', '/me')).toBe('me')
    expect(target(router, 'GET', 'me')).toBeUndefined()
    expect(router.verbsOf('me')).toEqual([])
  })

  it('leaves file names to static files where a route skips assets', () => {
    const { router } = compileRoutes({
      routes: { '/*': { action: 'page', skipAssets: true } },
      actions: new Map([['page', () => '']]),
      policies: new Map(),
      stepsFor: () => [],
      ...noMore,
    })

    expect(target(router, 'GET', '/about/us')).toBe('page')
    expect(target(router, 'GET', '/about/us.png')).toBeUndefined()
  })

  it('leaves them to static files in Sails behind a GET that ends in a parameter', () => {
    const routes = {
      'GET /user/:name': 'a',
      '/open/:name/': 'b',
      'POST /post/:name': 'c',
      'GET /own/:name': { target: 'a', skipAssets: false },
      'GET /:name/end': 'd',
    }
    const found = (sails: boolean) => {
      const actions = new Map(['a', 'b', 'c', 'd'].map((name) => [name, () => name]))
      const more = { policies: new Map(), stepsFor: () => [], ...noMore }
      const { router } = compileRoutes({ routes, actions, sails, ...more })
      const asks = ['GET /user/ada', 'GET /user/x.png', 'PUT /open/x.png', 'POST /post/x.png']
      return [...asks, 'GET /own/x.png', 'GET /x.png/end'].map((ask) => {
        const [verb = '', path = ''] = ask.split(' ')
        return target(router, verb, path)
      })
    }

    expect(found(true)).toEqual(['a', undefined, undefined, 'c', 'a', 'd'])
    expect(found(false)).toEqual(['a', 'a', 'b', 'c', 'a', 'd'])
  })

  it('names the verbs of a path', () => {
    const router = routerOf({ 'GET /a': 'a', 'POST /:x': 'b', 'ALL /all': 'c' })

    expect(router.verbsOf('/A/')).toEqual(['GET', 'HEAD', 'POST'])
    expect(router.verbsOf('/all')).toContain('OPTIONS')
    expect(router.verbsOf('/a/b')).toEqual([])
  })

  it.each(['/%', '/user/%zz', '/user/%C3', '/%E0%A4%A'])('answers 400 to %s', (path) => {
    const router = routerOf({ 'GET /user/:id': 'user' })

    expect(() => router.match('GET', path)).toThrow(CatamaranError)
    expect(() => router.match('GET', path)).toThrow(
      expect.objectContaining({ code: 'E_BAD_URL', status: 400 }),
    )
  })

  it('answers 400 where an expression cuts an encoded letter in two', () => {
    const router = routerOf({ 'GET r|^/(.{3})(.+)$|a,b': 'cut' })

    expect(() => router.match('GET', '/%C3%A9')).toThrow(
      expect.objectContaining({ code: 'E_BAD_URL' }),
    )
  })

  it.each(['', 'me', '//', '///', '*', '?', '/\0', '/__proto__', '/constructor'])(
    'finds nothing at %j, and does not break',
    (path) => {
      const router = routerOf({ 'GET /user/:id': 'user', 'GET /me': 'me' })

      expect(router.match('GET', path)).toBeUndefined()
      expect(router.match('', path)).toBeUndefined()
      expect(router.verbsOf(path)).toEqual([])
    },
  )

  it('keeps odd names of parameters apart from the object that holds them', () => {
    const found = routerOf({ 'GET /:__proto__': 'odd' }).match('GET', '/x')

    expect(Object.getPrototypeOf(found?.params ?? {})).toBe(null)
    expect(Object.keys(found?.params ?? {})).toEqual(['__proto__'])
  })

  it('takes time in proportion to the length of a path', () => {
    const router = routerOf({ 'GET /:a/:b/*': 'a', 'GET /x*y*z': 'b', 'GET /:a-:b-:c/end': 'c' })
    const paths = ['/x'.repeat(250_000), `/${'xy'.repeat(250_000)}`, `/${'-'.repeat(500_000)}`]
    const before = performance.now()

    for (const path of paths) router.match('POST', path)
    for (const path of paths) router.match('GET', path)

    expect(performance.now() - before).toBeLessThan(1_000)
  })
})
