import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { appFolder, type Files, liftFiles, strongSecret } from '../support/lift-files.ts'

const files = {
  'config/routes.ts': `export const routes = {
    'GET /expired': (req, res) => res.expired({ why: 'old' }),
    'GET /by-route': { response: 'tooBusy' },
    'GET /missing': (req, res) => res.notFound(),
    'GET /broken': () => { throw new Error('a fault') },
  }`,
  'api/responses/expired.cjs': `module.exports = function expired(data) {
    var req = this.req
    var res = this.res
    return res.status(498).json({ why: data.why, path: req.path, socket: req.isSocket })
  }`,
  'api/responses/too-busy.ts': 'export default function () { this.res.status(429).send("busy") }',
  'api/responses/notFound.ts':
    'export default function () { this.res.status(404).json({ own: this.req.path }) }',
  'api/responses/serverError.ts':
    'export default function (error) { this.res.json({ sorry: error.message }) }',
}

describe("an app's own response", () => {
  it('is a method of res on both doors', async () => {
    const visitor = (await liftFiles(files)).browser()
    const body = { why: 'old', path: '/expired' }

    expect(await visitor.get('/expired')).toMatchObject({
      status: 498,
      body: { ...body, socket: false },
    })
    expect(await visitor.emit('GET /expired')).toMatchObject({
      statusCode: 498,
      body: { ...body, socket: true },
    })
  })

  it('can be named by a route', async () => {
    const visitor = (await liftFiles(files)).browser()

    expect(await visitor.get('/by-route')).toMatchObject({ status: 429, body: 'busy' })
  })

  it('replaces a standard response of its name, where no route is found too', async () => {
    const visitor = (await liftFiles(files)).browser()

    expect(await visitor.get('/missing')).toMatchObject({ status: 404, body: { own: '/missing' } })
    expect(await visitor.get('/nowhere')).toMatchObject({ status: 404, body: { own: '/nowhere' } })
  })

  it('named serverError answers what is thrown', async () => {
    const visitor = (await liftFiles(files)).browser()

    expect(await visitor.get('/broken')).toMatchObject({ status: 500, body: { sorry: 'a fault' } })
    expect(await visitor.emit('GET /broken')).toMatchObject({
      statusCode: 500,
      body: { sorry: 'a fault' },
    })
  })

  it.each([
    ['api/responses/json.ts', 'export default () => {}', /would hide res\.json/],
    ['api/responses/expired.ts', 'export const a = 1', /exports no function/],
    ['api/responses/2late.ts', 'export default () => {}', /names no method/],
  ])('%s is a problem at the start', async (file, text, words) => {
    const root = await appFolder({ [file]: text })

    await expect(createApp(root, { environment: {} })).rejects.toThrow(words)
  })
})

describe('a route to a page', () => {
  const engine = (path: string, options: object, done: (error: unknown, text: string) => void) =>
    done(null, `${path.split('/').at(-1)} ${Reflect.get(options, 'title')}`)
  const pages = {
    'views/home.html': '',
    'config/routes.ts': `export const routes = {
    'GET /': { view: 'home', locals: { title: 'Hello' } },
    'GET /own': (req, res) => res.view('home', { title: 'Own' }),
  }`,
  }

  it('is rendered by the engine of config/views', async () => {
    const visitor = (await liftFiles(pages, { views: { engine } })).browser()

    expect(await visitor.get('/')).toMatchObject({ status: 200, body: 'home.html Hello' })
    expect(await visitor.get('/own')).toMatchObject({ status: 200, body: 'home.html Own' })
    expect(await visitor.emit('GET /')).toMatchObject({
      statusCode: 500,
      body: expect.stringMatching(/Not implemented/),
    })
  })

  it('takes the engine from a package of the app', async () => {
    const files = {
      ...pages,
      'views/home.toy': '',
      'node_modules/toy/package.json': '{ "name": "toy", "main": "index.cjs" }',
      'node_modules/toy/index.cjs':
        'exports.__express = (path, options, done) => done(null, "toy " + options.title)',
    }
    const visitor = (await liftFiles(files, { views: { engine: 'toy' } })).browser()

    expect(await visitor.get('/')).toMatchObject({ status: 200, body: 'toy Hello' })
  })

  it('is a problem at the start where there is no engine', async () => {
    await expect(liftFiles(pages)).rejects.toThrow(/view 'home' has no engine/)
    const missing = liftFiles(pages, { views: { engine: 'no-such-engine' } })
    await expect(missing).rejects.toMatchObject({ code: 'E_VIEW_ENGINE' })
  })

  it('says what is missing where an action calls res.view without an engine', async () => {
    const routes = `export const routes = { 'GET /': (req, res) => res.view('home') }`
    const visitor = (await liftFiles({ 'config/routes.ts': routes })).browser()

    expect(await visitor.get('/')).toMatchObject({ status: 500, body: { code: 'E_NO_VIEWS' } })
  })
})

describe('a route to a page of a Sails app that names no engine', () => {
  const files = {
    'config/routes.js': `module.exports.routes = { '/': { view: 'home' }, 'GET /crew': { fn: (req, res) => res.ok() } }`,
    'config/globals.js': 'module.exports.globals = { sails: true }',
    'package.json': '{ "name": "boat" }',
    'views/home.ejs': '',
  }
  const ejs = {
    'node_modules/ejs/package.json': '{ "name": "ejs", "main": "index.js" }',
    'node_modules/ejs/index.js': 'exports.__express = (path, options, done) => done(null, "ejs")',
  }

  async function warningsOf(written: Files) {
    const app = await createApp(await appFolder(written), {
      environment: {},
      overrides: { port: 0, log: { level: 'silent' }, session: { secret: strongSecret } },
    })
    const warn = vi.spyOn(app.log, 'warn')
    onTestFinished(() => app.lower())
    await app.lift()
    return warn.mock.calls.flat()
  }

  it('is warned of at the start where ejs is not installed', async () => {
    const warning = expect.stringMatching(/config\/routes has pages.*npm install ejs/)
    const routes = 'module.exports.routes = { "GET /": { response: "ok" } }'

    expect(await warningsOf(files)).toContainEqual(warning)
    expect(await warningsOf({ ...files, ...ejs })).not.toContainEqual(warning)
    expect(await warningsOf({ ...files, 'config/routes.js': routes })).not.toContainEqual(warning)
  })

  it('is rendered by ejs where it is installed, as it is beside Sails', async () => {
    const visitor = (await liftFiles({ ...files, ...ejs })).browser()

    expect(await visitor.get('/')).toMatchObject({ status: 200, body: 'ejs' })
  })

  it('is an error that says what to do where it is not, and everything else works', async () => {
    const visitor = (await liftFiles(files)).browser()

    expect(await visitor.get('/')).toMatchObject({
      status: 500,
      body: { code: 'E_NO_VIEWS', hint: expect.stringMatching(/npm install ejs/) },
    })
    expect(await visitor.get('/crew')).toMatchObject({ status: 200, body: 'OK' })
    expect(await visitor.emit('GET /')).toMatchObject({
      statusCode: 500,
      body: expect.stringMatching(/Not implemented in core yet/),
    })
  })
})
