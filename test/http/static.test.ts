import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hiddenRoutes } from '../../src/http/middleware.ts'
import { testApp } from '../../src/testing/app.ts'
import { liftFiles } from '../support/lift-files.ts'
import { ask, askRaw } from './ask.ts'

const text = 'abcdefghijklmnopqrstuvwxyz'
const files = {
  'assets/letters.txt': text,
  'assets/index.html': '<h1>home</h1>',
  'assets/sub/index.html': '<h1>sub</h1>',
  'assets/.env': 'SESSION_SECRET=hidden',
  'assets/.git/config': 'hidden',
  'secret.txt': 'hidden',
  'config/session.json': '{"secret":"hidden, hidden, hidden, hidden, hidden"}',
}

describe('a static file', () => {
  it('comes with its type, an etag, and a date', async () => {
    const { url } = await liftFiles(files)

    const { status, headers, body } = await ask(url, '/letters.txt')

    expect({ status, body }).toEqual({ status: 200, body: text })
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/plain/),
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=0',
      etag: expect.any(String),
      'last-modified': expect.any(String),
    })
  })

  it('is the index of its folder', async () => {
    const { url } = await liftFiles(files)

    expect((await ask(url, '/')).body).toBe('<h1>home</h1>')
    expect((await ask(url, '/sub/')).body).toBe('<h1>sub</h1>')
    expect((await ask(url, '/sub')).headers['location']).toBe('/sub/')
  })

  it('is not sent again while it is the same', async () => {
    const { url } = await liftFiles(files)
    const { headers } = await ask(url, '/letters.txt')

    const again = await ask(url, '/letters.txt', {
      headers: { 'if-none-match': String(headers.etag) },
    })
    const changed = await ask(url, '/letters.txt', { headers: { 'if-none-match': '"other"' } })

    expect(again).toMatchObject({ status: 304, body: '' })
    expect(changed).toMatchObject({ status: 200, body: text })
  })

  it('is sent in part', async () => {
    const { url } = await liftFiles(files)
    const range = (bytes: string) => ask(url, '/letters.txt', { headers: { range: bytes } })

    expect(await range('bytes=2-4')).toMatchObject({ status: 206, body: 'cde' })
    expect(await range('bytes=-1')).toMatchObject({ status: 206, body: 'z' })
    const beyond = await range('bytes=99-')
    expect(beyond.status).toBe(416)
    expect(beyond.headers).toMatchObject({ 'content-range': 'bytes */26' })
  })

  it('answers HEAD without a body', async () => {
    const { url } = await liftFiles(files)

    const { status, headers, body } = await ask(url, '/letters.txt', { method: 'HEAD' })

    expect({ status, body }).toEqual({ status: 200, body: '' })
    expect(headers['content-length']).toBe('26')
  })

  it('may be cached as long as the app says, in milliseconds', async () => {
    const { url } = await liftFiles(files, { http: { cache: 3_600_000 } })

    const { headers } = await ask(url, '/letters.txt')

    expect(headers['cache-control']).toBe('public, max-age=3600')
  })

  it('comes from the folder the app names, or from none', async () => {
    const inside = { 'public/here.txt': 'here', 'assets/there.txt': 'there' }
    const named = await liftFiles(inside, { http: { static: 'public' } })
    const none = await liftFiles(inside, { http: { static: false } })

    expect((await ask(named.url, '/here.txt')).body).toBe('here')
    expect((await ask(named.url, '/there.txt')).status).toBe(404)
    expect((await ask(none.url, '/there.txt')).status).toBe(404)
  })

  it('leaves other verbs to the routes', async () => {
    const { url } = await liftFiles(files, { routes: { 'POST /letters.txt': () => 'posted' } })

    expect((await ask(url, '/letters.txt', { method: 'POST' })).body).toBe('posted')
    expect((await ask(url, '/letters.txt', { method: 'DELETE' })).status).toBe(404)
  })

  it('has neither session nor cookie, whatever the visitor brings', async () => {
    const app = await liftFiles(files, {
      session: { saveUninitialized: true },
      routes: { 'GET /me': () => 'me' },
    })
    const cookie = `sails.sid=s%3Aunknown.signature`

    const file = await ask(app.url, '/letters.txt', { headers: { cookie } })
    const missing = await ask(app.url, '/missing.png', { headers: { cookie } })
    const route = await ask(app.url, '/me', { headers: { cookie } })

    expect(file.headers['set-cookie']).toBeUndefined()
    expect(missing.headers['set-cookie']).toBeUndefined()
    expect(route.headers['set-cookie']).toHaveLength(1)
  })
})

describe('the folder of static files', () => {
  const outside = [
    ...['../secret.txt', '..%2fsecret.txt', '%2e%2e/secret.txt', '%2e%2e%2fsecret.txt'],
    ...['%252e%252e%252fsecret.txt', '..%5csecret.txt', '%2e%2e%5csecret.txt', '..\\secret.txt'],
    ...['sub/../../secret.txt', 'sub/..%2f..%2fsecret.txt', './../secret.txt', '....//secret.txt'],
    ...['..%c0%afsecret.txt', '%c0%ae%c0%ae/secret.txt', '..%00/secret.txt', '/secret.txt'],
    ...['letters.txt%00.html', '%00', '%', '%zz', '%ff', '..;/secret.txt', '..%u2215secret.txt'],
    ...['C:/secret.txt', 'C:%5csecret.txt', 'file:///etc/passwd', '~/secret.txt'],
    ...['../config/session.json', 'sub/%2e%2e/%2e%2e/config/session.json', '//etc/passwd'],
    ...['../'.repeat(12), '%2e%2e%2f'.repeat(12)].map((up) => `${up}etc/passwd`),
    ...['.env', '%2eenv', '.git/config', 'sub/../.env', './.env', '.git/', '.env/'],
  ]

  it.each(outside)('gives nothing for /%s', async (path) => {
    const { url } = await liftFiles(files)

    const answer = await ask(url, `/${path}`)

    expect(answer.status).toBeGreaterThanOrEqual(300)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body).not.toMatch(/hidden|root:/)
  })

  it('gives nothing for a path without a slash or with a bare NUL', async () => {
    const { url } = await liftFiles(files)
    const send = (target: string) =>
      askRaw(url, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)

    for (const target of ['../secret.txt', 'secret.txt', '/letters.txt\0', '*']) {
      const answer = await send(target)
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d /)
      expect(answer).not.toMatch(/hidden/)
    }
  })

  it('is found where the app lies in a folder with a dot', async () => {
    const app = await liftFiles(files)
    const home = join(app.app.config.root, '.deploy')
    await mkdir(join(home, 'assets'), { recursive: true })
    await writeFile(join(home, 'assets', 'a.txt'), 'a')
    const { url } = await liftFiles({}, { http: { static: join(home, 'assets') } })

    expect((await ask(url, '/a.txt')).body).toBe('a')
  })

  it('is none where a link leads out of the folder, unless the app allows it', async () => {
    const app = await liftFiles(files)
    const { root } = app.app.config
    await writeFile(join(root, 'elsewhere.txt'), 'linked')
    await mkdir(join(root, 'outside'))
    await writeFile(join(root, 'outside', 'index.html'), 'linked')
    await symlink(join(root, 'elsewhere.txt'), join(root, 'assets', 'link.txt'))
    await symlink(join(root, 'outside'), join(root, 'assets', 'folder'))
    await symlink(join(root, 'assets', 'letters.txt'), join(root, 'assets', 'inside.txt'))
    const open = await testApp(root, { http: { staticLinks: true } }, { environment: {} })
    onTestFinished(() => open.close())

    expect((await ask(app.url, '/link.txt')).status).toBe(404)
    expect((await ask(app.url, '/folder/')).status).toBe(404)
    expect((await ask(app.url, '/folder/index.html')).status).toBe(404)
    expect((await ask(app.url, '/inside.txt')).body).toBe(text)
    expect((await ask(open.url, '/link.txt')).body).toBe('linked')
  })
})

describe('a route with the address of a file', () => {
  const routes = `export const routes = {
    'GET /': () => 'home', '/letters.txt': () => 'letters', 'ALL /sub': () => 'sub', 'PUT /letters.txt': () => 'put',
    'GET /other': () => 'other', 'GET /:name': () => 'any', 'ON letters.txt': () => 'said', 'r|^/letters|': () => 'rx',
  }`

  async function hiddenIn(http: object) {
    const { app, url } = await liftFiles({ ...files, 'config/routes.ts': routes }, { http })
    const { body } = await ask(url, '/letters.txt')
    return { body, hidden: hiddenRoutes(app.config, app.router.routes) }
  }

  it('is told of where files go first', async () => {
    expect(await hiddenIn({})).toEqual({
      body: text,
      hidden: [
        'assets/index.html hides GET / over HTTP',
        'assets/letters.txt hides GET /letters.txt over HTTP',
        'assets/sub hides GET /sub over HTTP',
      ],
    })
  })

  it('answers, and is not told of, where files come later or there are none', async () => {
    const order = ['body', 'router', 'static']

    for (const http of [{ middleware: { order } }, { static: false }]) {
      expect(await hiddenIn(http)).toEqual({ body: 'letters', hidden: [] })
    }
  })
})
