import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/cli/doctor-finding.ts'
import { checkNode } from '../../src/cli/doctor-node.ts'
import { createSqliteStore } from '../../src/session/stores/sqlite.ts'
import { appFolder, type Files, strongSecret } from '../support/app-folder.ts'
import { startOwnMongo } from '../support/mongo/server.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { root, run, runHere } from './run.ts'

interface Report {
  readonly environment: string
  readonly errors: number
  readonly warnings: number
  readonly findings: readonly Finding[]
}

/** Has the doctor look at an app whose config/session holds these lines, and gives what it says. */
async function examine(session: string, { files = {}, words = [] }: Options = {}) {
  const cwd = await appFolder({
    'config/session.mjs': `export const session = { secret: '${strongSecret}', ${session} }`,
    ...files,
  })
  const { code, out, err } = await runHere(['doctor', '--json', ...words], cwd)
  const report: Report = JSON.parse(out)
  // Whatever is looked at: something to mend has a fix, what is well has none.
  const unlike = report.findings.filter(
    ({ level, fix }) => (level === 'ok') !== (fix === undefined),
  )
  expect(unlike).toEqual([])
  expect(report.findings.filter(({ fix }) => fix?.trim() === '')).toEqual([])
  const of = (check: string) => report.findings.filter((finding) => finding.check === check)
  return { code, out, err, report, of, cwd }
}

interface Options {
  readonly files?: Files
  readonly words?: readonly string[]
}

const found = (level: Finding['level'], what: RegExp, fix: RegExp) => ({
  level,
  what: expect.stringMatching(what),
  fix: expect.stringMatching(fix),
})

describe('catamaran doctor', () => {
  it('looks at everything, and ends with 0 where nothing is wrong', async () => {
    const { code, err, report } = await examine('')

    const looked = report.findings.map(({ check, level }) => [check, level])
    const all = ['node', 'config', 'secret', 'cookie', 'proxy', 'origins', 'store', 'files']
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(looked).toEqual(all.map((check) => [check, 'ok']))
    expect(report).toMatchObject({ environment: 'development', errors: 0, warnings: 0 })
  })

  it('has each check it makes in the table of the guide', async () => {
    const guide = await readFile(join(root, 'docs/security.md'), 'utf8')
    const [, table = ''] = /## The doctor[\s\S]*?\| check \|.*\n((?:\|.*\n)+)/.exec(guide) ?? []
    const { report } = await examine("previous: { adapter: 'sqlite' }", {
      words: ['--sockets.adapter=no-such-adapter'],
    })

    const told = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, check]) => check)

    expect(told).toEqual(report.findings.map(({ check }) => check))
  })

  it('prints a line per finding with its fix below, in colours only where they are read', async () => {
    const cwd = await appFolder({ 'config/session.mjs': 'export const session = { ttl: -1 }' })

    const plain = await run(['doctor'], { cwd })
    const forced = await run(['doctor'], { cwd, env: { NO_COLOR: '', FORCE_COLOR: '1' } })

    expect(plain.code).toBe(1)
    expect(plain.out).toMatch(
      /^error {4}config {2}config\/session\.mjs · session\.ttl · -1\n +→ must be .*above 0$/m,
    )
    expect(plain.out).toMatch(/^Checked for development: errors 1, warnings 0\.\n$/m)
    expect(plain.out).not.toContain('\u001b[')
    expect(forced.out).toContain('\u001b[31merror')
  })

  it('tells every problem of the configuration at once', async () => {
    const { code, of } = await examine("ttl: -1, cookie: { sameSite: 'none' }, secre: 1", {
      files: { 'config/sockets.mjs': "export const sockets = { origins: ['https://*.a.org'] }" },
    })

    expect(code).toBe(1)
    expect(of('config')).toMatchObject([
      found('error', /session\.ttl · -1/, /above 0/),
      found('error', /session\.secre · /, /did you mean "secret"/),
    ])
    expect(of('cookie')).toMatchObject([found('error', /sameSite · 'none'/, /secure: true/)])
    expect(of('origins')).toMatchObject([found('error', /\*\.a\.org/, /list each origin/)])
  })

  it('tells what a start would say in the log', async () => {
    const { code, of } = await examine('resave: true')

    expect(code).toBe(0)
    expect(of('config')).toMatchObject([found('warning', /resave has no effect/, /Take it out/)])
  })

  it('says that what does nothing may be mended, too: a misspelt file, a function out of the order', async () => {
    const http = 'export const http = { middleware: { audit() {} } }'
    const { of } = await examine('', {
      files: { 'config/sesion.mjs': '', 'config/http.mjs': http },
    })

    expect(of('config')).toMatchObject([
      found('warning', /config\/sesion\.mjs did you mean "session"/, /^Mend it/),
      found('warning', /audit never runs: name it/, /^Mend it/),
    ])
  })

  it.each([
    [3600, /3600 ms, 3\.6 seconds/],
    [604800, /604800 ms, 604\.8 seconds/],
  ])('warns of a maxAge of %i, which was meant in seconds', async (maxAge, what) => {
    const { code, of } = await examine(`cookie: { maxAge: ${maxAge} }`)

    expect(code).toBe(0)
    expect(of('cookie')).toMatchObject([found('warning', what, /milliseconds/)])
  })

  it.each([1000, 60_000, 86_400_000])('takes a maxAge of %i as it is', async (maxAge) => {
    const { of } = await examine(`cookie: { maxAge: ${maxAge} }`)

    expect(of('cookie')).toMatchObject([{ level: 'ok' }])
  })

  it('counts warnings as errors where it is told to be strict', async () => {
    const { code, report } = await examine('resave: true', { words: ['--strict'] })

    expect({ code, warnings: report.warnings }).toEqual({ code: 1, warnings: 1 })
  })

  it('looks at production by --prod and by NODE_ENV', async () => {
    const files = { 'config/env/production.mjs': 'export default { session: { ttl: -1 } }' }
    const cwd = await appFolder({ 'api/policies/none.txt': '', ...files })

    const development = await run(['doctor'], { cwd })
    const prod = await run(['doctor', '--prod'], { cwd })
    const named = await run(['doctor'], { cwd, env: { NODE_ENV: 'production' } })

    expect(development.code).toBe(0)
    expect(prod).toMatchObject({ code: 1 })
    expect(prod.out).toContain('Checked for production')
    expect(named).toEqual(prod)
  })

  it.each([
    ['shh', /shorter than 32|sample/],
    ['keyboard cat', /well-known sample/],
  ])(
    'warns of the secret %j, refuses it for production, and never shows it',
    async (secret, why) => {
      const session = `secret: '${secret}'`

      const warned = await examine(session)
      const refused = await examine(session, { words: ['--prod'] })

      expect(warned.of('secret')).toMatchObject([found('warning', why, /`catamaran secret`/)])
      expect(refused.of('secret')).toMatchObject([found('error', /hidden/, /`catamaran secret`/)])
      expect([warned.code, refused.code]).toEqual([0, 1])
      expect(warned.out + refused.out).not.toContain(secret)
    },
  )

  it('warns of a secret that was made up, and misses it in production', async () => {
    const cwd = await appFolder({ 'config/session.mjs': 'export const session = {}' })

    const warned = await run(['doctor'], { cwd })
    const missed = await run(['doctor', '--prod'], { cwd })

    expect(warned.out).toMatch(/^warning {2}secret .*is missing: one was made up/m)
    expect(warned.code).toBe(0)
    expect(missed.out).toMatch(/^error +secret .*not set\n +→ is missing: put what/m)
    expect(missed.code).toBe(1)
  })

  it.each([
    ['cookie: { secure: true }', '', 'error', /nobody can log in/, /trustProxy: 1/],
    ["cookie: { secure: 'auto' }", '', 'warning', /'auto', .*counts as off/, /trustProxy: 1/],
    ['', '', 'warning', /secure is off/, /behind TLS/],
    ['cookie: { secure: true, httpOnly: false }', 'proxy', 'warning', /httpOnly/, /Take httpOnly/],
    [
      "cookie: { secure: true, sameSite: 'none' }",
      'proxy',
      'warning',
      /other sites can act/,
      /Take csrf/,
    ],
  ] as const)(
    'for production, with { %s } and %j, it finds a cookie’s %s',
    async (cookie, proxy, level, what, fix) => {
      const { of, report, code } = await examine(cookie, {
        words: ['--prod', '--security.csrf=false', ...(proxy ? ['--http.trustProxy=1'] : [])],
      })

      expect(of('cookie')).toMatchObject([found(level, what, fix)])
      expect(code).toBe(report.errors > 0 ? 1 : 0)
      expect(report.errors).toBe(level === 'error' ? 1 : 0)
    },
  )

  it('takes the word of a trusted proxy, of session.proxy, and of TLS of its own for secure cookies', async () => {
    const secure = 'cookie: { secure: true }'
    const words = ['--prod', '--http.trustProxy=1']

    const byHttp = await examine(secure, { words })
    const bySession = await examine(`${secure}, proxy: true`, { words: ['--prod'] })
    const denied = await examine(`${secure}, proxy: false`, { words })

    expect(byHttp.of('cookie')).toMatchObject([{ level: 'ok' }])
    expect(bySession.of('cookie')).toMatchObject([{ level: 'ok' }])
    expect(denied.of('cookie')).toMatchObject([{ level: 'error' }])
  })

  it('warns of trusting every proxy', async () => {
    const { of } = await examine('', { words: ['--http.trustProxy=true'] })

    expect(of('proxy')).toMatchObject([found('warning', /whatever a client says/, /trustProxy: 1/)])
  })

  it('warns of origins that production should not let in', async () => {
    const list = "['http://localhost:3000', 'http://a.org', 'https://b.org']"
    const files = {
      'config/sockets.mjs': `export const sockets = { origins: ${list}, beforeConnect: false }`,
      'config/security.mjs': 'export const security = { cors: { allRoutes: true } }',
    }

    const { of } = await examine('', { files, words: ['--prod'] })

    expect(of('origins')).toMatchObject([
      found('warning', /beforeConnect is false/, /sockets\.origins/),
      found('warning', /'\*' for all routes/, /List those/),
      found('warning', /localhost:3000/, /Take it out/),
      found('warning', /http:\/\/a\.org/, /over TLS/),
    ])
  })

  it('lets development have origins of this machine', async () => {
    const words = ['--sockets.origins=["http://localhost:3000"]']

    const { of } = await examine('', { words })

    expect(of('origins')).toMatchObject([{ level: 'ok', what: /1 other origin/ }].map(asText))
  })

  it('warns of sessions in memory in production only', async () => {
    const development = await examine('')
    const production = await examine('', { words: ['--prod'] })

    expect(development.of('store')).toMatchObject([{ level: 'ok' }])
    expect(production.of('store')).toMatchObject([
      found('warning', /restart logs everybody out/, /adapter: 'redis'/),
    ])
  })

  it('tells which files and routes a start would refuse', async () => {
    const routes = "export const routes = { 'GET /me': 'account/me' }"

    const { code, of } = await examine('', { files: { 'config/routes.mjs': routes } })

    expect(code).toBe(1)
    expect(of('files')).toMatchObject([found('error', /account\/me/, /Mend the lines/)])
  })

  it('says where there is no app', async () => {
    const cwd = await appFolder({})

    const { code, err } = await run(['doctor'], { cwd })

    expect(code).toBe(1)
    expect(err).toMatch(/no app in .*neither config\/ nor api\//)
  })
})

/** A pattern for what else must be equal. */
function asText({ what, ...rest }: { what: RegExp; level: string }) {
  return { ...rest, what: expect.stringMatching(what) }
}

describe('the doctor on sqlite', () => {
  const sqlite = "adapter: 'sqlite', file: 'data/sessions.db'"

  it('finds that the file can be made, and makes none', async () => {
    const { of, cwd } = await examine(sqlite)

    expect(of('store')).toMatchObject([{ level: 'ok' }])
    expect(await readdir(cwd)).toEqual(['config', 'package.json'])
  })

  it('finds that a file can be written, and leaves its sessions', async () => {
    const cwd = await appFolder({ 'config/session.mjs': `export const session = { ${sqlite} }` })
    const file = join(cwd, 'data', 'sessions.db')
    const store = createSqliteStore({ file, clock: Date.now, warn() {} })
    await store.create('id', '{}', 1000)

    const { code, out } = await run(['doctor'], { cwd })

    expect(out).toMatch(/^ok +store +sqlite: .*sessions\.db can be written$/m)
    expect(code).toBe(0)
    expect(await store.read('id')).toBe('{}')
    await store.close()
  })

  it('tells of a file that is no database, and does not move it', async () => {
    const text = 'not a database, '.repeat(100)

    const { code, of, cwd } = await examine(sqlite, { files: { 'data/sessions.db': text } })

    expect(code).toBe(1)
    expect(of('store')).toMatchObject([found('error', /not a database/, /name another file/)])
    expect(await readFile(join(cwd, 'data', 'sessions.db'), 'utf8')).toBe(text)
  })

  it('tells of a place where no file can be made', async () => {
    const { of } = await examine("adapter: 'sqlite', file: 'package.json/sessions.db'")

    expect(of('store')).toMatchObject([found('error', /cannot be used/, /name another file/)])
  })
})

describeOwnRedis('the doctor on Redis', () => {
  let redis: TestRedis
  let strict: TestRedis
  beforeAll(async () => {
    const disk = ['--appendonly', 'yes']
    redis = await startRedis({ own: true, args: [...disk, '--requirepass', 'hunter22'] })
    const closed = ['--rename-command', 'INFO', '', '--rename-command', 'CONFIG', '']
    strict = await startRedis({ own: true, args: [...disk, ...closed] })
  })
  afterAll(async () => {
    await redis?.close()
    await strict?.close()
  })
  const at = (port: number, pass = 'hunter22') =>
    `adapter: 'redis', url: 'redis://:${pass}@127.0.0.1:${port}'`
  const configured = async (name: string, value: string) => {
    const { createClient } = await import('redis')
    const client = createClient({ url: `redis://:hunter22@127.0.0.1:${redis.port}` })
    await client.connect()
    await client.configSet(name, value)
    await client.close()
  }

  it('finds one that answers, keeps what it has, and shows no password', async () => {
    const { code, of, out } = await examine(at(redis.port))

    expect(code).toBe(0)
    expect(of('store')).toEqual([{ check: 'store', level: 'ok', what: 'redis answers' }])
    expect(out).not.toContain('hunter22')
  })

  it('warns of a policy that drops living sessions, where memory has an end', async () => {
    await configured('maxmemory-policy', 'allkeys-lru')
    const endless = await examine(at(redis.port))
    await configured('maxmemory', '100mb')

    const ended = await examine(`${at(redis.port)}, hashIds: true, encrypt: true`)

    await configured('maxmemory', '0')
    expect(endless.of('store')).toMatchObject([{ level: 'ok' }])
    expect(ended.of('store')).toMatchObject([
      { level: 'ok' },
      found('warning', /104857600 bytes.*allkeys-lru/, /noeviction/),
    ])
    expect(ended.code).toBe(0)
  })

  it('warns of one that keeps nothing on disk', async () => {
    await configured('appendonly', 'no')

    const { of } = await examine(at(redis.port))

    await configured('appendonly', 'yes')
    expect(of('store')).toMatchObject([
      { level: 'ok' },
      found('warning', /nothing on disk/, /appendonly yes/),
    ])
  })

  it('says what a server does not tell', async () => {
    const { code, of } = await examine(`adapter: 'redis', port: ${strict.port}`)

    expect(code).toBe(0)
    expect(of('store')).toMatchObject([
      { level: 'ok' },
      found('warning', /eviction policy could not be read/, /noeviction/),
      found('warning', /on disk could not be read/, /CONFIG GET/),
    ])
  })

  it('tells of one that is down, that wants another password, and of the store before', async () => {
    const previous = `storeTimeout: 20, previous: { adapter: 'redis', port: 1 }`

    const { code, of, out } = await examine(`${at(redis.port, 'wrong-word')}, ${previous}`)

    expect(code).toBe(1)
    expect(of('store')).toMatchObject([found('error', /WRONGPASS/, /password in config\/session/)])
    expect(of('previous')).toMatchObject([found('error', /ECONNREFUSED/, /Start it/)])
    expect(out).not.toContain('wrong-word')
  })

  it('ends in time where one hangs', async () => {
    const session = `export const session = { ${at(redis.port)} }`
    const cwd = await appFolder({ 'config/session.mjs': session })
    redis.pause()

    const { code, out } = await run(['doctor'], { cwd })

    redis.resume()
    expect(code).toBe(1)
    expect(out).toMatch(/^error +store +The redis session store does not answer .*\n +→ Start it/m)
    expect(out).not.toContain('hunter22')
  })
})

describeOwnRedis('the doctor on a Redis Cluster', () => {
  it('finds one that answers by any of its nodes, and one that does not', async () => {
    const cluster = await startCluster(3)
    const urls = JSON.stringify(['redis://127.0.0.1:1', ...cluster.urls])

    const up = await examine(`adapter: 'redis', cluster: ${urls}`)
    const down = await examine("adapter: 'redis', cluster: ['redis://127.0.0.1:1']")

    await cluster.close()
    expect(up.of('store')[0]).toEqual({ check: 'store', level: 'ok', what: 'redis answers' })
    expect(down.of('store')).toMatchObject([found('error', /redis/, /Start it/)])
    expect([up.code, down.code]).toEqual([0, 1])
  })
})

describe('the doctor on MongoDB', () => {
  it('finds one that answers, and stores no session there', async () => {
    const mongo = await startOwnMongo()
    const url = `${mongo.url}/blog`

    const { code, of } = await examine(`adapter: 'mongo', url: '${url}'`)

    const client = await new MongoClient(url).connect()
    const stored = await client.db().collection('sessions').countDocuments()
    await client.close()
    await mongo.close()
    expect(of('store')).toEqual([{ check: 'store', level: 'ok', what: 'mongo answers' }])
    expect(code).toBe(0)
    expect(stored).toBe(0)
  })

  it('tells of one that is down, and of one that wants another password', async () => {
    const mongo = await startOwnMongo({ account: { user: 'ada', password: 'lovelace' } })
    const at = (host: string) => `adapter: 'mongo', url: 'mongodb://ada:wrong-word@${host}/blog'`

    const down = await examine(at('127.0.0.1:1'))
    const locked = await examine(at(`127.0.0.1:${mongo.port}`))

    await mongo.close()
    expect(down.of('store')).toMatchObject([found('error', /ECONNREFUSED/, /Start it/)])
    expect(locked.of('store')).toMatchObject([found('error', /Authentication failed/i, /./)])
    expect([down.code, locked.code]).toEqual([1, 1])
    expect(down.out + locked.out).not.toContain('wrong-word')
  })
})

describe('the doctor on a Connect store', () => {
  const store = (get: string) => `store: { get: ${get}, set() {}, destroy() {} }`

  it('finds that it answers, and how far it is exact', async () => {
    const { code, of } = await examine(store('(id, done) => done()'))

    expect(of('store')).toMatchObject([
      { level: 'ok', what: expect.stringMatching(/answers$/) },
      found('warning', /exact within one process/, /docs\/stores\.md/),
    ])
    expect(code).toBe(0)
  })

  it('tells what it complains of, and of a package that is not there', async () => {
    const broken = await examine(store("(id, done) => done(new Error('disk on fire'))"))
    const missing = await examine("adapter: 'connect-nowhere'")

    expect(broken.of('store')).toMatchObject([found('error', /disk on fire/, /./)])
    expect(missing.of('store')).toMatchObject([found('error', /connect-nowhere/, /./)])
    expect([broken.code, missing.code]).toEqual([1, 1])
  })
})

describeOwnRedis('the doctor on what connects the nodes', () => {
  it('asks a Redis of the sockets’ own, and no other', async () => {
    const redis = await startRedis({ own: true })
    const own = (port: number) => ({
      words: ['--sockets.adapter=redis', `--sockets.port=${port}`],
    })

    const up = await examine('', own(redis.port))
    const down = await examine('', own(1))
    const same = await examine(`adapter: 'redis', port: ${redis.port}`)

    await redis.close()
    expect(up.of('sockets')).toEqual([{ check: 'sockets', level: 'ok', what: 'redis answers' }])
    expect(down.of('sockets')).toMatchObject([found('error', /ECONNREFUSED/, /Start it/)])
    expect(same.of('sockets')).toEqual([])
    expect([up.code, down.code]).toEqual([0, 1])
  })

  it('tells of an adapter that is not installed', async () => {
    const words = ['--sockets.adapter=no-such-adapter']

    const { code, of } = await examine('', { words })

    expect(code).toBe(1)
    expect(of('sockets')).toMatchObject([found('error', /no-such-adapter/, /./)])
  })
})

describe('the doctor’s look at Node', () => {
  it.each([
    ['22.17.1', 'error', /older than 22\.18/],
    ['21.0.0', 'error', /older than 22\.18/],
    ['23.9.0', 'warning', /no fixes/],
    ['22.18.0', 'ok', /^22\.18\.0$/],
    ['24.0.0', 'ok', /^24\.0\.0$/],
  ])('calls %s %s', (version, level, what) => {
    expect(checkNode(version)).toMatchObject([{ level, what: expect.stringMatching(what) }])
  })
})
