import { describe, expect, it } from 'vitest'
import type * as zod from 'zod'
import { connectionOf } from '../../src/config/connection.ts'
import { sessionConfig } from '../../src/config/session.ts'
import { load, problems, strongSecret } from './folder.ts'

/** With fields of any name: those of the app in this folder are not of interest here. */
type Given = Partial<zod.input<typeof sessionConfig>>

function read(input: Given = {}) {
  return sessionConfig.parse({ secret: strongSecret, ...input })
}

const connection = (input: Given) => connectionOf(read(input))

/** The problem lines of an app whose session config is this object, without the file's name. */
async function faults(session: string): Promise<string[]> {
  const lines = await problems({ 'config/session.ts': `export const session = ${session}` })
  return lines.map((line) => line.replace('config/session.ts · session.', ''))
}

describe('config/session', () => {
  it('000-01: is read from config/session into config.session', async () => {
    const { config } = await load({ 'config/session.ts': 'export const session = { ttl: 5 }' })

    expect(config.session.ttl).toBe(5)
  })

  it('000-06: secret is one text, or several of which the first signs', () => {
    const secrets = ['n'.repeat(40), 'o'.repeat(40)]

    expect(read({ secret: strongSecret }).secret).toBe(strongSecret)
    expect(read({ secret: secrets }).secret).toEqual(secrets)
  })

  it('000-06: secret is refused when it is a number', async () => {
    expect(await faults('{ secret: 12345 }')).toEqual([
      'secret · (hidden) · must be text in quotes, or a list of such texts',
    ])
  })

  it('000-08: key defaults to sails.sid', () => {
    expect(read().key).toBe('sails.sid')
  })

  it('000-09: key takes a name of its own, which name spells too and key wins over', async () => {
    const byName = await load({ 'config/session.ts': "export const session = { name: 'a.sid' }" })
    const both = await load({
      'config/session.ts': "export const session = { name: 'a', key: 'b' }",
    })

    expect(byName.config.session.key).toBe('a.sid')
    expect(byName.sources.get('session.key')).toBe('config/session.ts')
    expect(both.config.session.key).toBe('b')
    expect(both.config.session.name).toBeUndefined()
  })

  it.each([
    ['000-10', 'redis', 'redis'],
    ['000-10', 'connect-redis', 'redis'],
    ['000-10', '@sailshq/connect-redis', 'redis'],
    ['000-19', 'mongo', 'mongo'],
    ['000-19', 'connect-mongo', 'mongo'],
    ['002-06', null, 'memory'],
    ['002-06', undefined, 'memory'],
    ['002-07', 'redis', 'redis'],
    ['an adapter of ours', 'sqlite', 'sqlite'],
    ['an adapter of ours', 'memory', 'memory'],
    ['a module', 'connect-session-knex', 'connect-session-knex'],
  ])('%s: adapter %s is %s', (_, given, name) => {
    expect(read({ adapter: given }).adapter).toBe(name)
  })

  it('000-10: adapter may be a class, a factory or an instance', () => {
    class Store {}
    const instance = new Store()

    expect(read({ adapter: Store }).adapter).toBe(Store)
    expect(read({ adapter: instance }).adapter).toBe(instance)
  })

  it('000-10: adapter is checked for slips', async () => {
    expect(await faults("{ adapter: 'reddis' }")).toEqual([
      'adapter · \'reddis\' · is unknown: did you mean "redis"?',
    ])
    expect(await faults('{ adapter: 5 }')).toHaveLength(1)
  })

  it.each([
    ['000-12', 'host', 'localhost'],
    ['000-13', 'port', 6379],
    ['000-15', 'db', 0],
    ['000-16', 'password', undefined],
    ['000-17', 'prefix', 'sess:'],
    ['002-26', 'host', 'localhost'],
    ['002-27', 'port', 6379],
    ['002-29', 'db', 0],
    ['002-30', 'password', undefined],
    ['002-31', 'prefix', 'sess:'],
  ] as const)('%s: redis %s defaults to %s', (_, key, value) => {
    expect(connection({ adapter: 'redis' })[key]).toBe(value)
  })

  it.each(['000-14', '002-28'])('%s: ttl is seconds and has no default', async () => {
    expect(read().ttl).toBeUndefined()
    expect(read({ ttl: 60 }).ttl).toBe(60)
    expect(await faults('{ ttl: 0 }')).toEqual([
      'ttl · 0 · must be a whole number of seconds above 0',
    ])
  })

  it.each(['000-16', '002-30'])('%s: pass is the password of redis', () => {
    expect(connection({ adapter: 'redis', pass: 'p' }).password).toBe('p')
  })

  it.each([
    ['000-20', 'host', 'localhost'],
    ['000-21', 'port', 27_017],
    ['000-22', 'db', 'sails'],
    ['000-23', 'collection', 'sessions'],
    ['000-25', 'username', undefined],
    ['000-26', 'password', undefined],
    ['000-28', 'tls', false],
    ['000-29', 'stringify', true],
  ] as const)('%s: mongo %s defaults to %s', (_, key, value) => {
    expect(connection({ adapter: 'mongo' })[key]).toBe(value)
  })

  it('000-24: url is kept for the store, without a slash at its end', () => {
    const url = 'mongodb://user:pass@host:1/database/collection/'

    expect(connection({ adapter: 'mongo', url, host: 'x' }).url).toBe(url.slice(0, -1))
  })

  it.each([
    ['000-25', 'username'],
    ['000-26', 'password'],
  ] as const)('%s: an empty %s of mongo, as the page has it, means none', (_, key) => {
    expect(connection({ adapter: 'mongo', [key]: '' })[key]).toBeUndefined()
    expect(connection({ adapter: 'mongo', [key]: 'given' })[key]).toBe('given')
  })

  it('000-27: auto_reconnect is accepted with a note', async () => {
    const { notes } = await load({
      'config/session.ts': 'export const session = { auto_reconnect: false }',
    })

    expect(notes.join()).toContain('auto_reconnect has no effect')
  })

  it('000-28: ssl means tls', async () => {
    const { config } = await load({ 'config/session.ts': 'export const session = { ssl: true }' })

    expect(config.session.tls).toBe(true)
    expect(connectionOf(config.session).tls).toBe(true)
  })

  it('000-30: the connection stands flat beside adapter', () => {
    const flat = { adapter: 'redis', host: 'r.example', port: 7000, db: '2', prefix: 'x:' } as const

    expect(connection(flat)).toMatchObject({ host: 'r.example', port: 7000, db: 2, prefix: 'x:' })
  })

  it('000-22: db is a name for mongo', () => {
    expect(connection({ adapter: 'mongo', db: 5 }).db).toBe('5')
  })

  it('000-15: db is a number for redis', async () => {
    expect(await faults("{ adapter: 'redis', db: 'sails' }")).toEqual([
      "db · 'sails' · must be a number for redis",
    ])
  })

  it('002-20: the cookie ends with the browser unless maxAge says otherwise', () => {
    expect(read().cookie).toMatchObject({
      maxAge: null,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
    })
  })

  it('002-21: cookie.maxAge is milliseconds', () => {
    expect(read({ cookie: { maxAge: 86_400_000 } }).cookie.maxAge).toBe(86_400_000)
  })

  it('has quiet defaults for everything else', () => {
    expect(read()).toMatchObject({
      saveUninitialized: false,
      resave: false,
      rolling: false,
      unset: 'keep',
      merge: {},
      storeTimeout: 1.5,
      onStoreError: 'fail',
      maxBytes: 65_536,
    })
  })

  it('takes a Connect store, its class, or a function that gives one', async () => {
    const store = { get() {}, set() {}, destroy() {} }
    class Store {}
    const build = () => store

    expect(read({ store }).store).toBe(store)
    expect(read({ store: Store }).store).toBe(Store)
    expect(read({ handleConstructingSessionStore: build }).handleConstructingSessionStore).toBe(
      build,
    )
    expect(await faults("{ store: 'memorystore' }")).toEqual([
      expect.stringContaining('must be a Connect store'),
    ])
  })

  it('takes the keys of Sails and express-session', () => {
    const nothing = () => {}

    const config = read({
      isSessionDisabled: () => false,
      client: {},
      onRedisDisconnect: nothing,
      onRedisReconnect: nothing,
      genid: () => 'id',
      proxy: true,
      resave: true,
      saveUninitialized: true,
      rolling: true,
      unset: 'destroy',
      tls: { servername: 'x' },
    })

    expect(config).toMatchObject({ unset: 'destroy', tls: { servername: 'x' } })
  })

  it('takes merge, user and the limits', () => {
    const given = {
      merge: { views: 'counter', tags: 'union', cart: 'atomic' },
      user: 'userId',
      maxBytes: 10,
      storeTimeout: 0.5,
      touchAfter: 0,
      onStoreError: 'anonymous',
      hashIds: true,
      encrypt: true,
    } as const

    expect(read(given)).toMatchObject(given)
  })

  it('takes the store used before, spelt as the store itself', () => {
    const config = read({
      adapter: 'redis',
      hashIds: true,
      previous: { adapter: '@sailshq/connect-redis', pass: 'x', db: 1 },
    })

    expect(config.previous).toMatchObject({ adapter: 'redis', pass: 'x', db: 1, hashIds: false })
    expect(config.previous?.prefix).toBe('sess:')
  })

  it.each<Given>([
    { key: '__Host-sid', cookie: { secure: true } },
    { key: '__Secure-sid', cookie: { secure: true, domain: 'example.com', path: '/app' } },
    { cookie: { secure: true, sameSite: 'none', partitioned: true, priority: 'high' } },
    { cookie: { secure: 'auto', sameSite: 'auto' } },
  ])('takes what browsers take: %o', (given) => {
    expect(read(given)).toMatchObject(given)
  })

  it('refuses limit, which has no effect yet, but not when it is off', async () => {
    expect(await faults('{ limit: 5 }')).toEqual([
      'limit · 5 · is not there yet in this version: remove it',
    ])
    expect(await faults('{ limit: false }')).toEqual([])
  })

  it.each([
    ["{ public: 'theme' }", /^public · 'theme' · must be a list of fields, such as/],
    ["{ public: ['theme', 5] }", /^public\.1 · 5 · must be a list of fields/],
    ["{ public: [''] }", /^public\.0 · '' · must be a list of fields/],
    ["{ public: ['cookie'] }", /^public\.0 · 'cookie' · must be a field of your own/],
    ["{ public: ['_catamaran'] }", /^public\.0 · '_catamaran' · must be a field of your own/],
    ["{ public: ['theme', 'theme'] }", /^public · \[.*\] · must name each field once/],
    ["{ public: ['theme', 'id'] }", /^public\.1 · 'id' · must be a field of your own/],
    ["{ public: ['__proto__'] }", /^public\.0 · '__proto__' · must be a field of your own/],
    ["{ public: ['toString'] }", /^public\.0 · 'toString' · must be a field of your own/],
    ["{ user: 'id' }", /^user · 'id' · must be a field of your own/],
    ['{ user: 5 }', /^user · 5 · must name a field, such as 'userId'/],
  ])('W7: refuses %s, in one line', async (given, line) => {
    expect(await faults(given)).toEqual([expect.stringMatching(line)])
  })

  it('W7: refuses as public whatever a session has of its own', async () => {
    const { AppSession } = await import('../../src/session/app-session.ts')
    const { Session } = await import('../../src/session/session.ts')
    const members = [AppSession, Session].flatMap(({ prototype }) =>
      Object.getOwnPropertyNames(prototype),
    )

    for (const name of members) {
      expect(await faults(`{ public: ['${name}'] }`), name).toHaveLength(1)
    }
  })

  it('W7: takes a list of fields as public', () => {
    expect(read({ public: ['userId', 'theme'] }).public).toEqual(['userId', 'theme'])
  })

  it.each([
    ["{ cookie: { secure: 'yes' } }", "cookie.secure · 'yes' · must be true, false or 'auto'"],
    ["{ cookie: { sameSite: 'lacks' } }", /^cookie\.sameSite · 'lacks' · must be 'lax'/],
    ["{ cookie: { maxAge: '1d' } }", /^cookie\.maxAge · '1d' · must be milliseconds/],
    ["{ key: '__Host-a' }", /^key · '__Host-a' · begins with __Host-/],
    ["{ key: '__Host-a', cookie: { secure: 'auto' } }", /^key · '__Host-a' · begins with __Host-/],
    [
      "{ key: '__host-a', cookie: { secure: true, path: '/a' } }",
      /^key · '__host-a' · begins with/,
    ],
    ["{ key: '__Host-a', cookie: { secure: true, domain: 'a.b' } }", /^key · '__Host-a' · begins/],
    ["{ cookie: { path: '/é' } }", /^cookie\.path · '\/é' · must start with a slash/],
    ["{ cookie: { path: '/a<b' } }", /^cookie\.path · '\/a<b' · must start with a slash/],
    [
      '{ cookie: { maxAge: Number.MAX_SAFE_INTEGER } }',
      /^cookie\.maxAge · 9007199254740991 · must be a hundred years/,
    ],
    ['{ cookie: { maxAge: 0 } }', /^cookie\.maxAge · 0 · must be above 0: browsers drop/],
    ['{ cookie: { expires: new Date(0) } }', /^cookie\.expires · .* · is over: browsers drop/],
    ["{ key: '__Secure-a' }", /^key · '__Secure-a' · begins with __Secure-/],
    [
      "{ key: '__Http-a', cookie: { secure: true, httpOnly: false } }",
      /^key · '__Http-a' · begins/,
    ],
    [
      "{ cookie: { sameSite: 'none' } }",
      /^cookie\.sameSite · 'none' · browsers want cookie: { sec/,
    ],
    [
      "{ cookie: { sameSite: 'none', secure: 'auto' } }",
      /^cookie\.sameSite · 'none' · browsers want/,
    ],
    [
      '{ cookie: { partitioned: true } }',
      /^cookie\.partitioned · true · browsers want cookie: { se/,
    ],
    ["{ cookie: { domain: 'https://a.b' } }", /^cookie\.domain · .* · must be a host's name/],
    ["{ cookie: { path: '/a b' } }", /^cookie\.path · '\/a b' · must start with a slash/],
    ["{ key: 'a b' }", /^key · 'a b' · must be a cookie name/],
    ["{ previous: { adapter: 'memory' } }", /^previous\.adapter · 'memory' · must name the store/],
    ["{ previous: { adapter: 'redis', prefx: 'a' } }", /^previous\.prefx · 'a' · unknown key: did/],
    ["{ previous: { adapter: 'redis', db: 'x' } }", /^previous\.db · 'x' · must be a number/],
    ['{ routesDisabled: [] }', /^routesDisabled · \[\] · is gone: write isSessionDisabled/],
    ["{ unset: 'delete' }", /^unset · 'delete' · must be one of keep, destroy/],
    ["{ merge: { a: 'sum' } }", /^merge\.a · 'sum' · must be one of counter, union, atomic/],
    ['{ isSessionDisabled: true }', 'isSessionDisabled · true · must be a function'],
    ["{ rolling: 'no' }", "rolling · 'no' · must be true or false"],
    ['{ prefix: 5 }', 'prefix · 5 · must be text, in quotes'],
    ['{ cookie: true }', 'cookie · true · must be an object of keys and values'],
  ])('says what to do about %s', async (session, line) => {
    const lines = await faults(session)

    expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)])
  })
})
