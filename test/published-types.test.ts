/**
 * What we publish stands on its own: an app needs no types of packages it does not know, the app that `new`
 * writes compiles, and what is wrong in it does not.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subjects } from '../src/config/schema.ts'

const root = join(import.meta.dirname, '..')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

let app: string

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'catamaran-types-'))
  const lib = join(app, 'node_modules', 'catamaran')
  await mkdir(lib, { recursive: true })
  await symlink(join(root, 'node_modules'), join(lib, 'node_modules'))
  for (const name of ['@types', 'undici-types', 'zod']) {
    await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name))
  }
  await symlink(join(root, 'package.json'), join(lib, 'package.json'))
  await tsc(
    root,
    '-p',
    'tsconfig.build.json',
    '--outDir',
    join(lib, 'dist'),
    '--emitDeclarationOnly',
  )
  await cp(join(root, 'templates/app'), app, { recursive: true })
  await writeFile(join(app, 'package.json'), '{ "type": "module" }')
  await writeFile(
    join(app, 'bare.tsconfig.json'),
    JSON.stringify({ compilerOptions: strict, files: ['bare.ts'] }),
  )
  await writeFile(join(app, 'bare.ts'), bare)
})

afterAll(() => rm(app, { recursive: true }))

it('what is published compiles in a strict app that checks the types of its libraries', async () => {
  expect(await tsc(app, '-p', 'bare.tsconfig.json')).toBe('')
})

it('each config file has a type in the public list', async () => {
  const list = await readFile(join(root, 'src/index.ts'), 'utf8')
  const names = [...Object.keys(subjects), 'bootstrap'].map((name) => {
    return `${name[0]?.toUpperCase()}${name.slice(1)}ConfigInput`
  })

  expect(names.filter((name) => !list.includes(`type { ${name} }`))).toEqual([])
})

describe('a new app', () => {
  it('compiles as it is', async () => {
    expect(await tsc(app)).toBe('')
  })

  it('compiles with what is right added to it, and complains of each wrong line', async () => {
    await writeFile(join(app, 'api', 'right.ts'), right)
    await cp(join(root, 'test/fixtures/own-store/open.ts'), join(app, 'api', 'own-store.ts'))
    await writeFile(join(app, 'api', 'wrong.ts'), wrong)

    const complaints = await tsc(app, '--pretty', 'false')

    const lines = wrong.split('\n').flatMap((line, n) => (line.endsWith('// wrong') ? [n + 1] : []))
    const told = [...complaints.matchAll(/^(\S+)\((\d+),/gm)]
    expect(told.map(([, file, line]) => `${file}:${line}`)).toEqual(
      lines.map((line) => `api/wrong.ts:${line}`),
    )
  })
})

const strict = {
  strict: true,
  noEmit: true,
  target: 'es2024',
  module: 'nodenext',
  skipLibCheck: false,
  preserveSymlinks: true,
  types: ['node'],
}

const bare = `
import { type Action, MemoryStore, type SessionConfigInput, session } from 'catamaran'
import { socketstream } from 'catamaran/socketstream'
import { RedisStore, SqliteStore } from 'catamaran/stores'

export const action: Action = (req) => {
  // @ts-expect-error the app declares no such field
  req.session.nope
  return req.session.id
}
// @ts-expect-error a secret is text
session({ secret: 4 })
session({ secret: 'keyboard cat', store: new MemoryStore() })
// Without declared fields a name may be any.
export const config = { public: ['theme'], user: 'userId' } satisfies SessionConfigInput
export const stores = [RedisStore, SqliteStore]
const ss = socketstream()
ss.session.options.secret = process.env.SESSION_SECRET
// @ts-expect-error a secret is text
ss.session.options.secret = 4
`

const imports = `
import { type Action, createApp, defineAction, type HttpConfigInput, type LogConfigInput } from 'catamaran'
import type { PoliciesConfigInput, RoutesConfigInput, SecurityConfigInput } from 'catamaran'
import type { SessionConfigInput, SessionDataOf, SocketsConfigInput } from 'catamaran'
import type { BootstrapConfigInput, ConfigInput, GlobalsConfigInput, ViewsConfigInput } from 'catamaran'
import { testApp, testNodes } from 'catamaran/testing'
import * as z from 'zod'

const inputs = z.object({ name: z.string(), size: z.coerce.number().optional() })
const data = z.object({ theme: z.enum(['light', 'dark']).default('light') })
`

const right = `${imports}
declare global {
  namespace Catamaran {
    interface SessionData extends SessionDataOf<typeof data> {}
  }
}
export const bootstrap = (async () => {}) satisfies BootstrapConfigInput
export const old = ((done) => done(new Error('no luck'))) satisfies BootstrapConfigInput
export const globals = { sails: true, _: false, models: true } satisfies GlobalsConfigInput
export const none = false satisfies GlobalsConfigInput
export const views = { engine: (path, options, callback) => callback(null, path.trim()), layout: 'l' } satisfies ViewsConfigInput
export const local = { port: 80, session: { ttl: 60 }, globals: false, custom: { a: 1 } } satisfies ConfigInput
export const http = { middleware: { order: ['stamp'], stamp: (req, res, next) => next(res.set('X-From', req.path)) } } satisfies HttpConfigInput
export const log = { level: 'warn' } satisfies LogConfigInput
export const policies = { '*': 'is-logged-in', a: (req, res, next) => next(), b: ['x', (req, res, next) => (req.session.userId ? next() : res.forbidden())], c: { d: false } } satisfies PoliciesConfigInput
export const targets = { 'GET /c': { fn: (req) => req.session.userId }, 'GET /d': { target: (req, res) => res.view('d', { a: req.path }), session: false }, 'GET /e': ['x', { fn: (req) => req.path }] } satisfies RoutesConfigInput
export const routes = { 'GET /a': (req) => req.session.userId, '/b': { view: 'b', session: false, mine: 1 } } satisfies RoutesConfigInput
export const security = { helmet: false } satisfies SecurityConfigInput
export const session = { data, adapter: 'redis', user: 'userId', public: ['userId', 'theme'], merge: { note: 'union' } } satisfies SessionConfigInput
export const sockets = { origins: ['https://a.example'] } satisfies SocketsConfigInput
export const show: Action = async (req, res) => {
  const theme: 'light' | 'dark' = req.session.theme
  const size: number = await req.session.update((s) => (s.note ?? '').length)
  return res.json({ theme, size })
}
export const make = defineAction({
  inputs,
  exits: { success: {}, taken: { statusCode: 409 } },
  run({ name, size = 1 }, { req, exit }) {
    if (name === '') exit('taken')
    req.session.note = name.repeat(size)
  },
})
export async function use() {
  const { config } = await createApp('.')
  const ttl: number | undefined = config.session.ttl
  await using app = await testApp('.', { session: { ttl }, sockets: { rate: false }, own: { a: 1 } })
  const { one, two } = await testNodes('.', { log: { level: 'warn' }, routes })
  one.browser().at(two)
  const browser = app.browser()
  await browser.post('/a', { name: 'b' }, { 'X-From': 'c' })
  const { statusCode, body } = await browser.emit('GET /a')
  await app.clock.advance(60)
  return [statusCode + 1, body, await browser.next('session:ended', 2)]
}
`

const wrong = `${imports}
export const bootstrap = { run() {} } satisfies BootstrapConfigInput // wrong
export const later = ((req: object, res: object) => res) satisfies BootstrapConfigInput // wrong
export const globals = { sales: true } satisfies GlobalsConfigInput // wrong
export const on = true satisfies GlobalsConfigInput // wrong
export const views = { engine: 5 } satisfies ViewsConfigInput // wrong
export const folder = { folder: ['pages'] } satisfies ViewsConfigInput // wrong
export const port = { port: [80] } satisfies ConfigInput // wrong
export const local = { session: { tll: 60 } } satisfies ConfigInput // wrong
export const sails = { globals: { sales: true } } satisfies ConfigInput // wrong
export const http = { trustProxie: 1 } satisfies HttpConfigInput // wrong
export const log = { level: 'loud' } satisfies LogConfigInput // wrong
export const policies = { '*': 3 } satisfies PoliciesConfigInput // wrong
export const routes = { 'GET /a': 3 } satisfies RoutesConfigInput // wrong
export const fn = { 'GET /a': (req) => req.session.nope } satisfies RoutesConfigInput // wrong
export const within = { 'GET /a': { fn: (req) => req.session.nope } } satisfies RoutesConfigInput // wrong
export const policy = { a: (req, res) => res.nope() } satisfies PoliciesConfigInput // wrong
export const stamp = { middleware: { stamp: (req, res, next) => req.nope } } satisfies HttpConfigInput // wrong
export const audit = { middleware: { audit: true } } satisfies HttpConfigInput // wrong
export const option = { 'GET /a': { action: 'a', session: 'no' } } satisfies RoutesConfigInput // wrong
export const security = { csrf: 'maybe' } satisfies SecurityConfigInput // wrong
export const key = { adaptor: 'redis' } satisfies SessionConfigInput // wrong
export const adapter = { adapter: 6379 } satisfies SessionConfigInput // wrong
export const unit = { ttl: '1h' } satisfies SessionConfigInput // wrong
export const shown = { public: ['userId', 'userID'] } satisfies SessionConfigInput // wrong
export const user = { data, user: 'userID' } satisfies SessionConfigInput // wrong
export const merge = { merge: { nots: 'union' } } satisfies SessionConfigInput // wrong
export const sockets = { origins: [3] } satisfies SocketsConfigInput // wrong
export const action: Action = async (req, res) => {
  req.session.userId = 5 // wrong
  req.session.theme = 'pink' // wrong
  await req.session.update((s) => s.nope) // wrong
  req.session.nope // wrong
  return res.jsonn({}) // wrong
}
export const make = defineAction({
  inputs,
  exits: { taken: { statusCode: 409 } },
  run({ nmae }, { exit }) { // wrong
    exit('gone') // wrong
  },
})
export const exits = defineAction({
  exits: { taken: { statusCode: '409' } }, // wrong
  run: () => ({}),
})
export async function use() {
  const { config } = await createApp('.')
  config.session.tll // wrong
  await createApp('.', { overrides: { session: { adaptor: 'redis' } } }) // wrong
  const app = await testApp(5) // wrong
  await testApp('.', { session: { tll: 60 } }) // wrong
  await testApp('.', { session: { ttl: '1h' } }) // wrong
  await testApp('.', { session: { cookie: { maxage: 60 } } }) // wrong
  await testApp('.', { session: { public: ['notes'] } }) // wrong
  await testApp('.', { port: 'any' }) // wrong
  await testNodes('.', { sockets: { rate: true } }) // wrong
  app.brwser() // wrong
  await app.clock.advance('60') // wrong
  await app.browser().emit(5) // wrong
  return (await app.browser().get('/a')).statusCode // wrong
}
`

async function tsc(cwd: string, ...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [compiler, ...args], { cwd })
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
}
