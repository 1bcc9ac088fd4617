import { createHmac } from 'node:crypto'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { appFolder } from '../support/app-folder.ts'
import { freePort } from '../support/programs.ts'
import { lifted, printed, run, start, tempFolder, writeTemplate } from './run.ts'

const secret = 'a secret for tests, long enough for production'

/** The template's app in a folder of its own. */
async function newApp() {
  const folder = await tempFolder()
  await writeTemplate(folder.path)
  return folder
}

/** An app with `GET /slow`, which says on the output that it has begun, and answers later. */
async function slowApp(milliseconds: number) {
  const app = await newApp()
  await mkdir(join(app.path, 'api/controllers/slow'))
  await writeFile(
    join(app.path, 'api/controllers/slow/show.ts'),
    `export default async () => {
      console.log('slow begins')
      await new Promise((done) => setTimeout(done, ${milliseconds}))
      return { slow: true }
    }`,
  )
  const routes = join(app.path, 'config/routes.ts')
  const text = await readFile(routes, 'utf8')
  await writeFile(routes, text.replace('= {', "= {\n  'GET /slow': 'slow/show',"))
  return app
}

describe('catamaran lift', () => {
  it('says where it listens, on which store, in which environment, and how soon', async () => {
    await using app = await newApp()

    await using lift = await lifted(start(['lift', '--port', '0'], { cwd: app.path }))

    expect(lift.url).toMatch(/^http:\/\/localhost:[1-9]\d*$/)
    expect(lift.banner).toMatch(/^ *store +memory$/m)
    expect(lift.banner).toMatch(/^ *environment +development$/m)
    expect(lift.banner).toMatch(/^ *ready +\d+ ms$/m)
    expect((await fetch(`${lift.url}/me`)).status).toBe(200)
    expect(await (await fetch(lift.url)).text()).toContain('two hulls')
  })

  it('takes configuration from the command line and the secret from .env', async () => {
    await using app = await newApp()
    await writeFile(join(app.path, '.env'), `SESSION_SECRET=${secret}\n`)
    const words = ['lift', '--prod', '--port=0', '--session.cookie.secure=false', '--session.key=x']

    await using lift = await lifted(start(words, { cwd: app.path }))

    const note = {
      method: 'PUT',
      body: '{"note":"n"}',
      headers: { 'content-type': 'application/json' },
    }
    const answer = await fetch(`${lift.url}/note`, note)
    expect(lift.banner).toMatch(/^ *environment +production$/m)
    expect(answer.headers.get('set-cookie')).toMatch(/^x=s%3A/)
  })

  it('lifts a Sails app by --prod, PORT, .sailsrc and the names of its environment', async () => {
    const files = {
      '.sailsrc': '{ "session": { "name": "old.sid", "cookie": { "secure": false } } }',
      'config/globals.js': 'module.exports.globals = { sails: true }',
      'config/session.js': "module.exports.session = { secret: 'too weak for production' }",
      'config/sockets.js': 'module.exports.sockets = { beforeConnect: false }',
      'config/routes.js': "module.exports.routes = { 'GET /': 'HomeController.show' }",
      'api/controllers/HomeController.js': 'exports.show = (req, res) => res.json(1)',
    }
    const cwd = await appFolder(files, 'commonjs')
    const port = await freePort()
    const env = { PORT: `${port}`, sails_session__secret: secret }

    await using lift = await lifted(start(['lift', '--prod'], { cwd, env }))

    expect(lift.url).toBe(`http://localhost:${port}`)
    expect(lift.banner).toMatch(/^ *environment +production$/m)
    const [line = ''] = (await fetch(lift.url)).headers.getSetCookie()
    const [, id = '', signature] =
      /^old\.sid=s:([^.]+)\.([^;]+)/.exec(decodeURIComponent(line)) ?? []
    const hash = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
    expect(signature).toBe(hash)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes requests in flight on %s', async (signal) => {
    await using app = await slowApp(700)
    await using lift = await lifted(start(['lift', '--port', '0'], { cwd: app.path }))

    const answer = fetch(`${lift.url}/slow`)
    await printed(lift.child, /slow begins/)
    lift.child.kill(signal)

    expect(await (await answer).json()).toEqual({ slow: true })
    expect(await lift.end).toMatchObject({ code: 0, err: '' })
    await expect(fetch(lift.url)).rejects.toThrow()
  })

  it('takes the echo of npm for the same signal', async () => {
    await using app = await slowApp(700)
    await using lift = await lifted(start(['lift', '--port', '0'], { cwd: app.path }))

    const answer = fetch(`${lift.url}/slow`)
    await printed(lift.child, /slow begins/)
    lift.child.kill('SIGINT')
    lift.child.kill('SIGINT')

    expect((await answer).status).toBe(200)
    expect((await lift.end).code).toBe(0)
  })

  it('stops at once on the second signal', async () => {
    await using app = await slowApp(60_000)
    await using lift = await lifted(start(['lift', '--port', '0'], { cwd: app.path }))

    const answer = fetch(`${lift.url}/slow`).catch(() => 'broken off')
    await printed(lift.child, /slow begins/)
    lift.child.kill('SIGTERM')
    await wait(600) // a real second press: what comes sooner is npm's echo
    lift.child.kill('SIGTERM')

    expect((await lift.end).code).toBe(143)
    expect(await answer).toBe('broken off')
  })
})

describe('catamaran lift says what is wrong and ends', () => {
  it('when the port is taken', async () => {
    await using app = await newApp()
    await using server = createServer().listen(0)
    const { port } = server.address() as AddressInfo

    const { code, err } = await run(['lift', '--port', String(port)], { cwd: app.path })

    expect(code).toBe(1)
    expect(err).toContain(String(port))
    expectOneError(err)
  })

  it('when a controller is broken', async () => {
    await using app = await newApp()
    await appendFile(join(app.path, 'api/controllers/account/me.ts'), '\nconst = 1')

    const { code, err } = await run(['lift', '--port', '0'], { cwd: app.path })

    expect(code).toBe(1)
    expect(err).toContain('api/controllers/account/me.ts')
    expectOneError(err)
  })

  it('when a config file is broken', async () => {
    await using app = await newApp()
    await appendFile(join(app.path, 'config/http.ts'), '\nconst = 1')

    const { code, err } = await run(['lift', '--port', '0'], { cwd: app.path })

    expect(code).toBe(1)
    expect(err).toContain('config/http.ts')
    expectOneError(err)
  })

  it('when the adapter is unknown', async () => {
    await using app = await newApp()

    const { code, err } = await run(['lift', '--port=0', '--session.adapter=rediss'], {
      cwd: app.path,
    })

    expect(code).toBe(1)
    expect(err).toContain('rediss')
    expectOneError(err)
  })

  it('when production has no secret', async () => {
    await using app = await newApp()

    const { code, err } = await run(['lift', '--prod', '--port=0'], { cwd: app.path })

    expect(code).toBe(1)
    expect(err).toContain('catamaran secret')
    expectOneError(err)
  })

  it('when there is no app', async () => {
    await using folder = await tempFolder()

    const { code, err } = await run(['lift'], { cwd: folder.path })

    expect(code).toBe(1)
    expect(err).toContain('There is no app in')
    expectOneError(err)
  })

  it('when .env cannot be read', async () => {
    await using app = await newApp()
    await mkdir(join(app.path, '.env'))

    const { code, err } = await run(['lift', '--port=0'], { cwd: app.path })

    expect(code).toBe(1)
    expect(err).toContain('.env cannot be read')
    expectOneError(err)
  })
})

function expectOneError(err: string): void {
  expect(err.match(/^error: /gm)).toHaveLength(1)
  expect(err.match(/^hint: {2}\S/gm)).toHaveLength(1)
  expect(err).not.toMatch(/^ +at .*:\d+:\d+/m)
}
