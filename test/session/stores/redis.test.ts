import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { RedisStore } from 'connect-redis'
import { createClient, type RedisClientType } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { createRedisStore, type RedisStoreOptions } from '../../../src/session/stores/redis.ts'
import { clientOptions } from '../../../src/session/stores/redis-client.ts'
import { describeOwnRedis, describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'

const root = import.meta.dirname

describeRedis('what the redis store writes', () => {
  let server: TestRedis
  let raw: RedisClientType
  let store: SessionStore
  let prefix: string
  let warnings: string[]

  beforeAll(async () => {
    server = await startRedis()
    raw = createClient({ url: server.url })
    await raw.connect()
  })
  beforeEach(async () => {
    prefix = `${randomUUID()}:`
    warnings = []
    store = await open({})
    return () => store.close()
  })
  afterAll(async () => {
    await raw.close()
    await server.close()
  })

  function open(options: Partial<RedisStoreOptions>) {
    const warn = (message: string) => warnings.push(message)
    return createRedisStore({ url: server.url, prefix, root, warn, ...options })
  }

  it('is the text itself under prefix + id, with the life in seconds', async () => {
    await store.create('abc', '{"n":1}', 90)

    expect(await raw.get(`${prefix}abc`)).toBe('{"n":1}')
    expect(await raw.ttl(`${prefix}abc`)).toBe(90)
  })

  it('begins with sess: unless told otherwise', async () => {
    const id = randomUUID()
    const usual = await createRedisStore({ url: server.url, root, warn: console.warn })

    await usual.create(id, '{}', 60)

    expect(await raw.get(`sess:${id}`)).toBe('{}')
    await usual.destroy(id)
    await usual.close()
  })

  it('rounds part of a second up', async () => {
    await store.create('abc', '{}', 0.2)

    expect(await raw.pTTL(`${prefix}abc`)).toBeGreaterThan(200)
  })

  it('lives for a second where one was asked for, and for ever where nothing ends it', async () => {
    await store.create('short', '{}', 1)
    await store.create('endless', '{}', Number.POSITIVE_INFINITY)

    expect(await raw.pTTL(`${prefix}short`)).toBeLessThanOrEqual(1_000)
    expect(await store.read('endless', Number.POSITIVE_INFINITY)).toBe('{}')
    expect(await raw.pTTL(`${prefix}endless`)).toBe(-1)
    expect(await store.secondsLeft?.('endless')).toBe(Number.POSITIVE_INFINITY)
  })

  it('is told when it is destroyed, and gone also where it was no text', async () => {
    await store.create('text', '{"n":1}', 60)
    await raw.lPush(`${prefix}list`, 'x')

    expect(await store.destroy('text')).toBe('{"n":1}')
    expect(await store.destroy('list')).toBeUndefined()
    expect(await raw.exists([`${prefix}text`, `${prefix}list`])).toBe(0)
  })

  it('is read by connect-redis, and the reverse', async () => {
    const theirs = new RedisStore({ client: raw, prefix })
    const session = { cookie: { originalMaxAge: null, httpOnly: true, path: '/' }, userId: 'adé' }

    await store.create('ours', JSON.stringify(session), 60)
    await theirs.set('theirs', session as never)

    expect(await theirs.get('ours')).toEqual(session)
    expect(JSON.parse((await store.read('theirs')) ?? '')).toEqual(session)
    expect(await raw.ttl(`${prefix}theirs`)).toBe(86_400)
    expect(await theirs.length()).toBe(await store.count())
  })

  it('goes to the database named by db', async () => {
    const other = await open({ db: 3 })
    await other.create('abc', '{}', 60)

    const inThree = await store.read('abc')
    await other.clear()
    await other.close()

    expect(inThree).toBeUndefined()
  })

  it('counts a key of another type as no session, with one warning and no id in it', async () => {
    await raw.lPush(`${prefix}list`, 'x')

    const reads = [await store.read('list'), await store.read('list', 60)]
    const swap = await store.swap('list', 'x', 'y', 60)

    expect(reads).toEqual([undefined, undefined])
    expect(swap).toEqual({ text: undefined })
    expect(warnings).toEqual([expect.stringContaining('holds no text')])
    expect(warnings[0]).not.toContain(`${prefix}list`)
  })

  it('says nothing about a redis that answers', async () => {
    await store.check()

    expect(warnings).toEqual([])
  })

  it('takes the app’s own client, and leaves it open', async () => {
    const borrowed = await open({ client: raw, url: 'redis://nobody.invalid' })

    await borrowed.create('abc', '{}', 60)
    await borrowed.close()
    await borrowed.close()

    expect(await raw.get(`${prefix}abc`)).toBe('{}')
    await expect(borrowed.read('abc')).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    expect(raw.listenerCount('error')).toBe(0)
  })
})

describeOwnRedis('a redis server of our own', () => {
  let server: TestRedis
  let raw: RedisClientType
  beforeAll(async () => {
    server = await startRedis({ own: true, args: ['--requirepass', 'hunter2'] })
    raw = createClient({ url: server.url, password: 'hunter2' })
    await raw.connect()
  })
  afterAll(async () => {
    await raw.close()
    await server.close()
  })

  async function open(options: Partial<RedisStoreOptions>) {
    const warnings: string[] = []
    const warn = (message: string) => warnings.push(message)
    const store = await createRedisStore({ ...address(), root, warn, ...options })
    return { store, warnings }
  }
  const address = () => ({ host: server.host, port: server.port })

  it('lets in by password, and by the one in the url', async () => {
    const url = server.url.replace('//', '//default:hunter2@')
    const byPassword = await open({ password: 'hunter2' })
    const byUrl = await createRedisStore({ url, root, warn: console.warn })

    await Promise.all([byPassword.store.check(), byUrl.check()])

    expect(byPassword.warnings).toEqual([])
    await Promise.all([byPassword.store.close(), byUrl.close()])
  })

  it('keeps out by a wrong password, naming the reason and never the password', async () => {
    const { store, warnings } = await open({ password: 'letmein1', storeTimeout: 0.3 })

    const error = await store.check().catch((thrown: unknown) => thrown)
    await store.close()

    expect(error).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
    expect(error).toHaveProperty('cause.message', expect.stringContaining('WRONGPASS'))
    expect(warnings).toEqual([expect.stringContaining('WRONGPASS')])
    expect(warnings.join()).not.toContain('letmein1')
  })

  it('repeats no id in an error where a command is not allowed', async () => {
    const old = await startRedis({ own: true, args: ['--rename-command', 'GETEX', ''] })
    const { store, warnings } = await open({ port: old.port })

    const error = await store.read('secret-id', 60).catch((thrown: unknown) => thrown)
    await store.close()
    await old.close()

    expect(error).toMatchObject({ cause: { message: expect.stringContaining('GETEX') } })
    expect(warnings).toEqual([expect.stringContaining('GETEX')])
    expect(inspect(error) + warnings).not.toContain('secret-id')
  })

  it('swaps on after it forgot its scripts', async () => {
    const { store } = await open({ password: 'hunter2', prefix: 'scripts:' })
    await store.create('a', 'one', 60)
    await store.swap('a', 'one', 'two', 60)
    await raw.scriptFlush()

    const result = await store.swap('a', 'two', 'three', 60)
    await store.close()

    expect(result).toBe('done')
  })

  it.each([
    ['OOM', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['READONLY', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])(
    'refuses writes with %s: the verbs fail, no write is lost in silence',
    async (kind, bad, good) => {
      const { store, warnings } = await open({ password: 'hunter2', prefix: `${kind}:` })
      await store.create('a', 'one', 60)
      const refused = { code: 'E_STORE_DOWN', cause: { message: expect.stringContaining(kind) } }

      await raw.sendCommand(bad)
      await expect(store.create('b', '{}', 60)).rejects.toMatchObject(refused)
      await expect(store.swap('a', 'one', 'two', 60)).rejects.toMatchObject(refused)
      await raw.sendCommand(good)

      expect(await store.swap('a', 'one', 'two', 60)).toBe('done')
      expect(warnings).toEqual([expect.stringContaining(kind)])
      await store.close()
    },
  )
})

describeOwnRedis('a redis that speaks TLS only', () => {
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url))
  let server: TestRedis
  let ca: Buffer
  beforeAll(async () => {
    ca = await readFile(fixture('cert'))
    const files = ['--tls-cert-file', fixture('cert'), '--tls-key-file', fixture('key')]
    server = await startRedis({
      own: true,
      tls: true,
      args: [...files, '--tls-auth-clients', 'no'],
    })
  })
  afterAll(() => server.close())

  async function check(options: Partial<RedisStoreOptions>): Promise<string> {
    const { host, port } = server
    const where = options.url ? {} : { host, port }
    const store = await createRedisStore({ ...where, root, storeTimeout: 1, warn() {}, ...options })
    try {
      await store.create('a', '{}', 60)
      await store.check()
      return `read ${await store.read('a')}`
    } catch (error) {
      return String((error as Error).cause)
    } finally {
      await store.clear().catch(() => {})
      await store.close()
    }
  }

  it.each([
    ['the tls options of Node', () => ({ tls: { ca } })],
    ['a rediss:// url, with its authority', () => ({ url: server.url, tls: { ca } })],
    ['a redis:// url beside tls', () => ({ url: plain(), tls: { ca } })],
    ['a name of its own', () => ({ tls: { ca, servername: 'localhost' } })],
    ['no check at all', () => ({ url: server.url, tls: { rejectUnauthorized: false } })],
  ])('is reached with %s', async (_, options) => {
    expect(await check(options())).toBe('read {}')
  })
  const plain = () => server.url.replace('rediss:', 'redis:')

  it.each([
    ['an authority nobody knows', () => ({ url: server.url }), /self.signed/],
    ['another name', () => ({ tls: { ca, servername: 'elsewhere' } }), /elsewhere/],
    ['no TLS', () => ({}), /./],
  ])('is not reached with %s', async (_, options, reason) => {
    const said = await check(options())

    expect(said).toMatch(reason)
    expect(said).toMatch(/^Error\b/)
  })
})

describe('the settings of the redis store', () => {
  it.each([
    ['a url that is none', { url: 'redis://ada:hunter2@:x' }, 'url'],
    ['a url of something else', { url: 'http://ada:hunter2@localhost' }, 'url'],
    ['a database that is no number', { db: 'sessions' }, 'db'],
    ['a client that is not node-redis', { client: { get() {} } }, 'client'],
  ])('refuse %s, without its password', async (_, settings, word) => {
    const store = createRedisStore({ ...settings, root, warn: console.warn })

    const error = await store.catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'E_STORE_OPTIONS', message: expect.stringContaining(word) })
    expect(inspect(error)).not.toContain('hunter2')
  })
})

describe('the options given to node-redis', () => {
  it.each([
    ['tls alone', { tls: true }, { url: undefined, tls: true }],
    [
      'tls with options',
      { tls: { servername: 'x' } },
      { url: undefined, tls: true, servername: 'x' },
    ],
    ['tls beside a plain url', { tls: true, url: 'redis://h' }, { url: 'rediss://h' }],
    ['a url that says so', { url: 'rediss://h' }, { url: 'rediss://h' }],
    ['no tls', { tls: false, url: 'redis://h' }, { url: 'redis://h' }],
  ])('turn on encryption for %s', (_, connection, expected) => {
    const { url, socket } = clientOptions(connection)

    expect({ url, ...socket }).toMatchObject(expected)
    expect('tls' in socket).toBe('tls' in expected)
  })
})
