import { describe, expect, it, onTestFinished } from 'vitest'
import { createSails } from '../../src/compat/sails.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Log } from '../../src/log.ts'
import { appFolder, liftFiles } from '../support/lift-files.ts'

const global = (name: string) => Reflect.get(globalThis, name)

/** A log that keeps what it is told, by level. */
function keepingLog() {
  const lines: string[] = []
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
  const log = levels.map((level) => [level, (text: string) => lines.push(`${level}: ${text}`)])
  return { lines, log: Object.fromEntries(log) as Log }
}

async function sailsOf(globals: object) {
  const { config } = await loadConfig(await appFolder({}), {
    environment: {},
    overrides: { globals },
  })
  const { lines, log } = keepingLog()
  const sails = createSails(config, log)
  onTestFinished(sails.remove)
  return { sails, lines }
}

describe('the global sails', () => {
  it('is there while it is wanted', async () => {
    const { sails } = await sailsOf({ sails: true })

    expect(global('sails')).toMatchObject({ config: { environment: 'development' } })
    sails.remove()
    expect(global('sails')).toBeUndefined()
  })

  it('brings the libraries the app gave, and not those it refused', async () => {
    const library = Object.assign(() => [], { chunk: () => [] })
    const { sails } = await sailsOf({ sails: true, _: library, async: false })

    expect(global('_')).toBe(library)
    expect('async' in globalThis).toBe(false)
    sails.remove()
    expect('_' in globalThis).toBe(false)
  })

  it('stays when it is meanwhile another app’s', async () => {
    const one = await sailsOf({ sails: true })
    await sailsOf({ sails: true })
    const theirs = global('sails')

    one.sails.remove()

    expect(global('sails')).toBe(theirs)
  })
})

describe('sails.log', () => {
  it('has the levels of Sails; called alone it is shown by default', async () => {
    const { lines } = await sailsOf({ sails: true })
    const names = ['silly', 'verbose', 'debug', 'info', 'blank', 'warn', 'error', 'crit']

    global('sails').log('bare')
    for (const name of names) global('sails').log[name](name)

    expect(lines).toEqual([
      ...['info: bare', 'trace: silly', 'debug: verbose', 'info: debug', 'info: info'],
      ...['info: blank', 'warn: warn', 'error: error', 'fatal: crit'],
    ])
  })

  it('writes any value, as console.log does', async () => {
    const { lines } = await sailsOf({ sails: true })
    const circle: Record<string, unknown> = { name: 'ring' }
    circle['self'] = circle

    global('sails').log('%s has %d', 'ada', 2, { a: [1] }, undefined, null, 10n)
    global('sails').log(circle)
    global('sails').log.error(new Error('broken'))

    expect(lines).toEqual([
      'info: ada has 2 { a: [ 1 ] } undefined null 10n',
      "info: <ref *1> { name: 'ring', self: [Circular *1] }",
      expect.stringMatching(/^error: Error: broken\n +at /),
    ])
  })
})

describe('GET /__getcookie', () => {
  const sails = { globals: { sails: true } }

  it('is a script that sets a session cookie, for other sites too', async () => {
    const { browser } = await liftFiles({}, sails)
    const visitor = browser()

    const first = await visitor.get('/__getcookie')
    const again = await visitor.get('/__getcookie')

    expect(first).toMatchObject({ status: 200, body: '_sailsIoJSConnect();' })
    expect(first.headers.get('content-type')).toBe('application/javascript; charset=utf-8')
    expect(first.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(first.headers.get('access-control-allow-origin')).toBeNull()
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^sails\.sid=s%3A/)])
    expect(again.headers.getSetCookie()).toEqual([])
  })

  it('stores the session, so that a socket has it too', async () => {
    const routes = {
      'GET /id': ({ sessionID }: { sessionID: string }) => ({ id: sessionID.length }),
    }
    const app = await liftFiles({}, { ...sails, routes })
    const visitor = app.browser()
    await visitor.get('/__getcookie')
    const cookie = visitor.cookie()

    const ack = await visitor.emit('GET /id')

    expect(ack).toMatchObject({ statusCode: 200, body: { id: 32 } })
    expect(visitor.cookie()).toBe(cookie)
  })

  it('says which verbs it knows', async () => {
    const { url, browser } = await liftFiles({}, sails)

    const options = await fetch(new URL('/__getcookie', url), { method: 'OPTIONS' })
    const post = await browser().post('/__getcookie')

    expect([options.status, options.headers.get('allow')]).toEqual([200, 'GET, HEAD'])
    expect(post.status).toBe(404)
  })

  it.each(['GET /__getcookie', '/*'])('gives way to the app’s own %s', async (address) => {
    const { browser } = await liftFiles({}, { ...sails, routes: { [address]: () => 'mine' } })

    expect((await browser().get('/__getcookie')).body).toBe('mine')
  })

  it('is not there when it is turned off, nor in other apps', async () => {
    const off = await liftFiles({}, { ...sails, sockets: { grant3rdPartyCookie: false } })
    const other = await liftFiles({})

    expect((await off.browser().get('/__getcookie')).status).toBe(404)
    expect((await other.browser().get('/__getcookie')).status).toBe(404)
  })
})

describe('the files of an app that Sails has generated', () => {
  it('may say anything beside a target and an input, and have the address of tokens', async () => {
    const files = {
      'config/globals.js': 'module.exports.globals = { sails: true }',
      'config/custom.js': 'module.exports.custom = {}',
      'config/routes.js': `module.exports.routes = {
        'POST /observe': { action: 'observe', hasSocketFeatures: true },
        'GET /csrfToken': { action: 'security/grant-csrf-token' },
      }`,
      'package.json': '{ "name": "boat" }',
      'api/controllers/observe.js': `module.exports = {
        inputs: { token: { type: 'string', whereToGet: { url: 'https://example.com' } } },
        fn: async function ({ token }) {
          return { token, options: this.req.options, here: sails.config.appPath.length > 0 }
        },
      }`,
    }
    const visitor = (await liftFiles(files)).browser()

    const options = { action: 'observe', hasSocketFeatures: true }
    const body = { token: 't', options, here: true }
    expect(await visitor.post('/observe', { token: 't' })).toMatchObject({ status: 200, body })
    expect(await visitor.emit('POST /observe', { token: 't' })).toMatchObject({ body })
    expect((await visitor.get('/csrfToken')).body).toEqual({ _csrf: expect.any(String) })
  })

  it('show an action the options of its own route, where a policy at the same address went before', async () => {
    const files = {
      'config/globals.js': 'module.exports.globals = { sails: true }',
      'config/routes.js': `module.exports.routes = {
        'GET /deck': { policy: 'pass', guarded: true },
        '/deck': { action: 'deck', own: true },
      }`,
      'package.json': '{ "name": "boat" }',
      'api/policies/pass.js': 'module.exports = (req, res, next) => next()',
      'api/controllers/deck.js': 'module.exports = (req, res) => res.json(req.options)',
    }
    const visitor = (await liftFiles(files)).browser()

    const body = { action: 'deck', own: true }
    expect(await visitor.get('/deck')).toMatchObject({ status: 200, body })
    expect(await visitor.emit('GET /deck')).toMatchObject({ statusCode: 200, body })
  })

  it('are still asked what they mean by an option that is nearly one', async () => {
    const files = {
      'config/globals.js': 'module.exports.globals = { sails: true }',
      'config/routes.js': `module.exports.routes = { 'GET /': { response: 'ok', sesion: false } }`,
      'package.json': '{ "name": "boat" }',
    }

    await expect(liftFiles(files)).rejects.toThrow(/no option 'sesion'/)
  })
})
