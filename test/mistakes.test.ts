/** Each mistake of docs/mistakes.md, made in the app that `catamaran new` writes, by the real command. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lifted, printed, root, run, start, tempFolder, writeTemplate } from './cli/run.ts'
import { strongSecret } from './support/app-folder.ts'

const env = { SESSION_SECRET: strongSecret }

/** A new app with these files in place of, or beside, its own. */
async function appWith(files: Readonly<Record<string, string>>) {
  const folder = await tempFolder()
  await writeTemplate(folder.path)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  return folder
}

/** What a start of the app says, which ends it. */
async function refusal(files: Readonly<Record<string, string>>, words: readonly string[] = []) {
  await using folder = await appWith(files)
  const { code, err } = await run(['lift', '--port=0', ...words], { cwd: folder.path, env })
  return { code, err }
}

/** Lifts the app, lets somebody ask it, and gives the answer and what the log said meanwhile. */
async function asked(
  files: Readonly<Record<string, string>>,
  ask: (url: string) => Promise<Response>,
  words: readonly string[] = [],
) {
  await using folder = await appWith(files)
  await using app = await lifted(start(['lift', '--port=0', ...words], { cwd: folder.path, env }))
  const response = await ask(app.url)
  const answer = { status: response.status, body: await response.text() }
  app.child.kill('SIGTERM')
  const { out, err } = await app.end
  return { ...answer, log: out + err }
}

const addresses = (routes: string) => ({
  'config/routes.ts': `export const routes = { ${routes} }`,
  'config/policies.ts': 'export const policies = {}',
})

const actionAt = (text: string) => ({
  ...addresses("'POST /cart': 'cart'"),
  'api/controllers/cart.ts': text,
})

const fill = (url: string) => fetch(`${url}/cart`, { method: 'POST' })

/** The paragraphs of the page by the number of the mistake. */
async function pageOf(number: number): Promise<string> {
  const page = await readFile(join(root, 'docs', 'mistakes.md'), 'utf8')
  return page.split(/^## (?=\d)/m).find((part) => part.startsWith(`${number}. `)) ?? ''
}

/** Expects the words a person sees, and finds them on the page. */
async function expectSaid(number: number, said: string, lines: readonly string[]) {
  const page = await pageOf(number)
  for (const line of lines) {
    expect(said).toContain(line)
    expect(page).toContain(line)
  }
}

describe('a newcomer’s mistake', () => {
  it('1: a misspelt key of the configuration', async () => {
    const { code, err } = await refusal({}, ['--session.adaptor=redis'])

    expect(code).toBe(1)
    await expectSaid(1, err, ['session.adaptor', 'unknown key: did you mean "adapter"?'])
  })

  it('2: a misspelt adapter', async () => {
    const { code, err } = await refusal({}, ['--session.adapter=reddis'])

    expect(code).toBe(1)
    await expectSaid(2, err, ["'reddis'", 'is unknown: did you mean "redis"?'])
  })

  it('3: module.exports in an ES module', async () => {
    const { code, err } = await refusal({ 'config/custom.js': 'module.exports.custom = {}' })

    expect(code).toBe(1)
    await expectSaid(3, err, [
      'uses module in an ES module: rename it to config/custom.cjs, or write `export const custom = …`',
    ])
  })

  it('4: a route to an action that is not there, and a policy of another name', async () => {
    const route = await refusal(addresses("'POST /cart': 'cart/fill'"))
    const policy = await refusal({
      'config/policies.ts': "export const policies = { 'account/*': 'is-logged-on' }",
    })

    expect([route.code, policy.code]).toEqual([1, 1])
    await expectSaid(4, route.err, ["no action 'cart/fill'", 'Write api/controllers/cart/fill.ts.'])
    await expectSaid(4, policy.err, ["no policy 'is-logged-on'", "Did you mean 'is-logged-in'?"])
  })

  it('5: an action that is not exported as default', async () => {
    const { code, err } = await refusal(actionAt('export const fill = () => ({})'))

    expect(code).toBe(1)
    await expectSaid(5, err, [
      "exports no function as default, but 'fill'",
      'Write `export default function (req, res) { … }`.',
    ])
  })

  it('6: a port that is taken', async () => {
    const server = createServer().listen(0)
    const { port } = server.address() as AddressInfo

    const { code, err } = await refusal({}, [`--port=${port}`])

    server.close()
    expect(code).toBe(1)
    expect(err).toContain(`Port ${port} is in use`)
    await expectSaid(6, err, ['is in use', 'choose another: `catamaran lift --port 1338`'])
  })

  it('7: no secret in production', async () => {
    await using folder = await appWith({})

    const { code, err } = await run(['lift', '--prod', '--port=0'], {
      cwd: folder.path,
      env: { SESSION_SECRET: '' },
    })

    expect(code).toBe(1)
    await expectSaid(7, err, ['is missing: put what `catamaran secret` prints into SESSION_SECRET'])
  })

  it('8: an adapter whose server does not run', async () => {
    const words = ['--session.adapter=redis', '--session.port=1']
    const action = actionAt('export default (req) => void (req.session.n = 1) ?? {}')

    const { status, body, log } = await asked(action, fill, words)

    expect(status).toBe(503)
    await expectSaid(8, body, ['E_STORE_DOWN'])
    await expectSaid(8, log, ['is away (connect ECONNREFUSED', 'what needs a session answers 503'])
  })

  it('9: a value that no store keeps', async () => {
    const action = actionAt('export default (req) => { req.session.cart = new Map(); return {} }')

    const { status, body } = await asked(action, fill)

    expect(status).toBe(500)
    await expectSaid(9, body, ['The session cannot keep session.cart: a Map', 'Store plain JSON'])
  })

  it('10: a session that is replaced', async () => {
    const action = actionAt(
      "export default (req) => { req.session = { cart: ['tea'] }; return {} }",
    )

    const { status, body } = await asked(action, fill)

    expect(status).toBe(500)
    await expectSaid(10, body, [
      'req.session was replaced by another object, which nothing would store',
      'Set its fields, req.session.cart = […]',
    ])
  })

  it('11: a page of another origin', async () => {
    const headers = { origin: 'http://localhost:5173' }

    const { status, log } = await asked({}, (url) =>
      fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers }),
    )
    const form = await asked({}, (url) => fetch(`${url}/login`, { method: 'POST', headers }))

    expect([status, form.status]).toEqual([403, 403])
    await expectSaid(11, log.replaceAll('\\"', '"'), [
      'a page of "http://localhost:5173" may not connect its socket',
      'name it in origins of config/sockets',
    ])
    await expectSaid(11, form.body, ['This request comes from another site'])
  })

  it('12: a cookie for TLS only, over plain http', async () => {
    const action = actionAt('export default (req) => { req.session.n = 1; return {} }')

    const { status, log } = await asked(action, fill, ['--session.cookie.secure=true'])

    expect(status).toBe(200)
    await expectSaid(12, log, [
      'session.cookie.secure is on, but a request came over plain http: its session was not kept.',
    ])
  })

  it('13: a session used after its end', async () => {
    const action = actionAt(
      "export default async (req) => { await req.session.destroy(); req.session.note = 'bye' }",
    )

    const { status, body } = await asked(action, fill)

    expect(status).toBe(500)
    await expectSaid(13, body, [
      'There is no req.session any more, since this request has destroyed it',
      'Begin an empty one by await req.session.regenerate() instead of destroy().',
    ])
  })

  it('14: a change after the answer', async () => {
    const late = '(req) => { setTimeout(() => { req.session.late = 1 }, 100); return {} }'
    await using folder = await appWith(actionAt(`export default ${late}`))
    await using app = await lifted(start(['lift', '--port=0'], { cwd: folder.path, env }))
    const log = printed(app.child, /E_SESSION_SEALED.*\n/)

    const { status } = await fill(app.url)

    expect(status).toBe(200)
    await expectSaid(14, await log, [
      'E_SESSION_SEALED The session was changed after its answer had begun',
    ])
  })

  it('15: a route with the address of a file', async () => {
    const home = addresses("'GET /': () => 'home'")

    const { body, log } = await asked(home, (url) => fetch(url))

    expect(body).toMatch(/^<!doctype html>/)
    await expectSaid(15, log, ['assets/index.html hides GET / over HTTP'])
    await using folder = await appWith(home)
    const { out } = await run(['doctor'], { cwd: folder.path, env })
    await expectSaid(15, out, ['assets/index.html hides GET / over HTTP'])
  })
})
