import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Request, Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type App, createApp } from '../src/app.ts'
import { createBrowser } from '../src/testing/browser.ts'
import { liftChild } from './support/child-app.ts'
import { appFolder, type Files, liftFiles, strongSecret } from './support/lift-files.ts'
import { describeRedis, startRedis } from './support/redis.ts'

declare global {
  namespace Catamaran {
    interface SessionData {
      seen?: unknown
    }
  }
}

const overrides = {
  port: 0,
  log: { level: 'silent' as const },
  session: { secret: strongSecret },
}

async function create(files: Files = {}, more: object = {}): Promise<App> {
  const app = await createApp(await appFolder(files), {
    environment: {},
    overrides: { ...overrides, ...more },
  })
  onTestFinished(() => app.lower())
  return app
}

const session = {
  'POST /login': (req: Request) => {
    req.session.seen = 'ada'
    return {}
  },
  'GET /me': (req: Request) => ({ seen: req.session.seen ?? null }),
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('an app', () => {
  it('tells what it is made of before it is lifted', async () => {
    const app = await create({
      'config/http.json': '{ "cache": 5 }',
      'config/routes.json': '{ "GET /me": "me" }',
      'api/controllers/me.js': 'export default () => ({})',
    })

    expect(app.config.http.cache).toBe(5)
    expect(app.sources.get('http.cache')).toBe('config/http.json')
    expect(app.router.routes).toMatchObject([{ verb: 'GET', path: '/me', target: 'me' }])
  })

  it('tells where it is when it is lifted', async () => {
    const app = await create()

    const lifted = await app.lift()

    expect(lifted).toEqual({
      url: `http://localhost:${lifted.port}`,
      port: expect.any(Number),
      adapter: 'memory',
      environment: 'development',
      milliseconds: expect.any(Number),
    })
    expect((await fetch(new URL('/health/ready', lifted.url))).status).toBe(200)
  })

  it('answers no more when it is lowered, and anew when it is lifted again', async () => {
    const app = await create({}, { routes: session })
    const { url } = await app.lift()
    await app.lower()

    await expect(fetch(url)).rejects.toThrow()
    const again = createBrowser((await app.lift()).url)
    await again.post('/login')
    expect((await again.get('/me')).body).toEqual({ seen: 'ada' })
  })

  it('may be lowered before it was lifted', async () => {
    const app = await create()

    await expect(app.lower()).resolves.toBeUndefined()
  })

  it('leaves what it was given as it was', async () => {
    const given = {
      ...overrides,
      globals: { sails: true },
      http: { middleware: { order: ['www'] } },
    }
    const before = structuredClone(given)

    const app = await create({}, given)
    await app.lift()

    expect(given).toEqual(before)
  })
})

describe('two apps in one process', () => {
  it.each([
    ['different', 'b'.repeat(40)],
    ['the same', strongSecret],
  ])('know only their own visitors, be their secrets %s', async (_how, secret) => {
    const one = await liftFiles({}, { routes: session })
    const two = await liftFiles({}, { routes: session, session: { secret } })
    const visitor = one.browser()
    await visitor.post('/login')

    const headers = { cookie: visitor.cookie() }
    const [known, stranger] = await Promise.all(
      [one, two].map(async ({ url }) => (await fetch(new URL('/me', url), { headers })).json()),
    )

    expect(known).toEqual({ seen: 'ada' })
    expect(stranger).toEqual({ seen: null })
  })

  it('have their own configuration, requests and responses', async () => {
    const routes = {
      'GET /': (_req: Request, res: Response) => res.serverError(new Error('words')),
      'GET /query': (req: Request) => req.query,
    }
    const old = await liftFiles({}, { routes, environment: 'production', globals: { sails: true } })
    const young = await liftFiles({}, { routes })

    const bodies = async (path: string) => {
      const answers = await Promise.all([old, young].map((app) => app.browser().get(path)))
      return answers.map(({ body }) => body)
    }

    expect(await bodies('/')).toMatchObject([
      { message: 'Internal Server Error' },
      { message: 'words' },
    ])
    expect(await bodies('/query?a[b]=1')).toEqual([{ a: { b: '1' } }, { 'a[b]': '1' }])
  })

  it('send to their own sockets alone', async () => {
    const globals = { sails: true }
    const blast = () => {
      Reflect.get(globalThis, 'sails').sockets.blast('news', 1)
      return {}
    }
    const one = await liftFiles({}, { routes: { 'POST /blast': blast } })
    const two = await liftFiles({}, { globals, routes: { 'POST /blast': blast } })
    const heard: string[] = []
    const browsers = Object.entries({ one, two }).map(
      ([name, app]) => [name, app.browser()] as const,
    )
    for (const [name, browser] of browsers) {
      ;(await browser.socket()).on('news', () => heard.push(name))
    }

    await two.browser().post('/blast')
    // What was sent before an answer has arrived with it.
    for (const [, browser] of browsers) await browser.emit('GET /')

    expect(heard).toEqual(['two'])
  })

  it('do not take each other’s global away', async () => {
    const globals = { sails: true }
    const one = await create({}, { globals })
    await one.lift()
    const two = await create({}, { globals })
    await two.lift()

    await one.lower()

    expect(Reflect.get(globalThis, 'sails').config.appPath).toBe(two.config.root)
    await two.lower()
    expect('sails' in globalThis).toBe(false)
  })
})

describe('an app that cannot be', () => {
  it('is none where there is no folder', async () => {
    const nowhere = join(import.meta.dirname, 'no-such-app')

    await expect(createApp(nowhere)).rejects.toMatchObject({ code: 'E_NO_APP' })
  })

  it.each([
    [{ 'config/http.json': '{ "trustproxy": true }' }, 'E_CONFIG', /http.*trustProxy/s],
    [{ 'config/session.json': '{ "adapter": "redi" }' }, 'E_CONFIG', /adapter.*redis/s],
    [{ 'api/controllers/me.js': 'export default' }, 'E_APP_FILES', /me\.js/],
    [{ 'config/routes.json': '{ "GET /me": "mee" }' }, 'E_APP_FILES', /mee/],
  ] as [Files, string, RegExp][])(
    'is refused with all there is to mend: %j',
    async (files, code, words) => {
      const refused = createApp(await appFolder(files), { environment: {}, overrides })

      await expect(refused).rejects.toMatchObject({
        code,
        message: expect.stringMatching(words),
        hint: expect.any(String),
      })
    },
  )

  it('is refused at the lift when its store cannot be opened', async () => {
    const session = { ...overrides.session, adapter: 'sqlite', file: 'package.json/sessions.db' }
    const app = await create({ 'package.json': '{}' }, { session })

    await expect(app.lift()).rejects.toMatchObject({ code: 'E_STORE_FILE' })
  })

  it('can be lifted once the port is free', async () => {
    const server = createServer().listen(0)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const app = await create({}, { port })

    await expect(app.lift()).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
    server.close()
    await once(server, 'close')

    expect((await app.lift()).port).toBe(port)
  })

  it('leaves nothing open: its process ends', async () => {
    const child = await liftChild({ port: await takenPort() })

    expect(await child.stop()).toContain('FAILED E_PORT_IN_USE')
  })
})

describe('an app that is lowered', () => {
  it('leaves nothing open: its process ends', async () => {
    const child = await liftChild({ routes: `{ 'GET /': () => 'here' }` })
    const browser = createBrowser(child.url)
    await browser.get('/')
    await browser.emit('GET /')

    const out = await child.stop()
    browser.close()

    expect(out).toContain('LIFTED')
  })
})

describeRedis('an app on redis', () => {
  it('leaves nothing open: its process ends', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const session = { adapter: 'redis', url: redis.url }

    const children = await Promise.all([
      liftChild({ session }),
      liftChild({ session, port: await takenPort() }),
    ])
    const [lifted, failed] = await Promise.all(children.map((child) => child.stop()))

    expect(lifted).toContain('LIFTED')
    expect(failed).toContain('FAILED E_PORT_IN_USE')
  })
})
