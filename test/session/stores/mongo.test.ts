/**
 * What the mongo store writes and reads beside the real connect-mongo and express-session, and how it gets in.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { MongoStore as TheirStore } from 'connect-mongo'
import express, { type RequestHandler } from 'express'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMongoStore, type MongoStoreSettings } from '../../../src/session/stores/mongo.ts'
import { targetOf } from '../../../src/session/stores/mongo-client.ts'
import { liftFiles, strongSecret } from '../../support/lift-files.ts'
import { startMongo, startOwnMongo, type TestMongo } from '../../support/mongo/server.ts'

const root = import.meta.dirname
const session: (options: object) => RequestHandler = createRequire(import.meta.url)(
  'express-session',
)
const key = 'shared.sid'
type Their = ConstructorParameters<typeof TheirStore>[0]

interface Stored {
  _id: string
  session: unknown
  expires?: Date
  lastModified?: Date
  [field: string]: unknown
}

describe('sessions shared with connect-mongo', () => {
  let server: TestMongo
  let client: MongoClient
  let db: string
  beforeAll(async () => {
    server = await startMongo()
    client = await new MongoClient(server.url).connect()
  })
  beforeEach(() => {
    db = `mongo-${randomUUID()}`
    return async () => {
      await client.db(db).dropDatabase()
    }
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  const stored = () => client.db(db).collection<Stored>('sessions')
  const open = (settings: Partial<MongoStoreSettings> = {}) =>
    createMongoStore({ url: server.url, db, root, warn: console.warn, ...settings })

  /** An express-session app on connect-mongo. */
  async function theirs(options: Their): Promise<string> {
    const store = new TheirStore({ client, dbName: db, ...options })
    const app = express()
    const common = { name: key, secret: strongSecret, resave: false, saveUninitialized: false }
    app.use(session({ ...common, store, cookie: { maxAge: 600_000 } }))
    app.get('/set/:name', (req, res) => {
      const data = req.session as unknown as Record<string, unknown>
      data[req.params.name] = { at: new Date(5), id: new ObjectId('65f000000000000000000001') }
      res.json({})
    })
    app.get('/all', (req, res) => void res.json(req.session))
    const listening = app.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    onTestFinished(() => void listening.close())
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  }

  /** An app of ours beside it. */
  async function ours(stringify: boolean) {
    const routes = `export default {
      'GET /all': (req) => ({ ...req.session }),
      'GET /set/:name': (req) => { req.session[req.params.name] = { by: 'us' }; return {} },
    }`
    const store = { adapter: 'mongo', url: server.url, db, stringify }
    const app = await liftFiles(
      { 'config/routes.mjs': routes },
      { session: { ...store, key, cookie: { maxAge: 600_000 } } },
    )
    return app.url
  }

  it.each([true, false])(
    'are read, changed and read back on both sides; nothing is lost (stringify: %s)',
    async (stringify) => {
      const [their, our] = [await theirs({ stringify }), await ours(stringify)]
      const began = await fetch(`${their}/set/first`)
      const cookie = began.headers.get('set-cookie')?.split(';')[0] ?? ''
      const get = async (url: string) => (await fetch(url, { headers: { cookie } })).json()
      await stored().updateOne({}, { $set: { unknown: { kept: true } } })

      const seen = await get(`${our}/all`)
      await get(`${our}/set/second`)
      await get(`${their}/set/third`)
      await get(`${our}/set/fourth`)

      const first = { at: '1970-01-01T00:00:00.005Z', id: '65f000000000000000000001' }
      const us = { by: 'us' }
      expect(seen).toMatchObject({ first })
      for (const side of [our, their]) {
        expect(await get(`${side}/all`)).toMatchObject({
          first,
          second: us,
          third: first,
          fourth: us,
        })
      }
      const document = await stored().findOne({})
      expect(document).toMatchObject({ unknown: { kept: true }, expires: expect.any(Date) })
      const kept = document?.session as { first: { at: unknown; id: unknown }; cookie: object }
      if (stringify) expect(document?.session).toEqual(expect.any(String))
      else {
        expect(kept.first.at).toBeInstanceOf(Date)
        expect(kept.first.id).toBeInstanceOf(ObjectId)
        expect(kept.cookie).toMatchObject({ expires: expect.any(Date), domain: null })
      }
      expect(await stored().countDocuments()).toBe(1)
    },
  )

  it.each([true, false])('look as connect-mongo writes them (stringify: %s)', async (stringify) => {
    const cookie = new (createRequire(import.meta.url)('express-session').Cookie)({
      maxAge: 60_000,
    })
    const data = { cookie, userId: 'ada', list: [1, { a: null }] }
    const connect = new TheirStore({ client, dbName: db, stringify, touchAfter: 5 })
    const store = await open({ stringify, touchAfter: 5 })

    await new Promise((resolve) => connect.set('theirs', data as never, resolve))
    await store.create('ours', JSON.stringify(data), 60)
    const [one, other] = await stored().find().sort({ _id: 1 }).toArray()
    await store.close()

    expect(one?.session).toEqual(other?.session)
    expect(Object.keys(one ?? {})).toEqual(Object.keys(other ?? {}))
    expect(Number(one?.expires)).toBeGreaterThan(Number(other?.expires) - 5_000)
    expect(Number(one?.expires)).toBeLessThan(Number(other?.expires) + 5_000)
    expect((await stored().indexes()).map(({ name }) => name)).toContain('expires_1')
  })

  it('are found again after stringify was switched', async () => {
    const texts = await open({ stringify: true })
    const objects = await open({ stringify: false })
    await texts.create('a', '{"n":1}', 60)
    await objects.create('b', '{"n":1}', 60)

    expect(await objects.swap('a', '{"n":1}', '{"n":2}', 60)).toBe('done')
    expect(await texts.swap('b', '{"n":1}', '{"n":2}', 60)).toBe('done')
    expect(await texts.read('a')).toBe('{"n":2}')
    expect((await stored().findOne({ _id: 'b' }))?.session).toBe('{"n":2}')
    await Promise.all([texts.close(), objects.close()])
  })

  it('are not swapped when only the order or a type differs', async () => {
    const store = await open({ stringify: false })
    await stored().insertOne({ _id: 'a', session: { b: 1, a: new Date(5) } })

    const before = '{"b":1,"a":"1970-01-01T00:00:00.005Z"}'
    const turned = '{"a":"1970-01-01T00:00:00.005Z","b":1}'
    expect(await store.swap('a', turned, '{}', 60)).toEqual({ text: before })
    expect(await store.swap('a', before, `${before.slice(0, -1)},"c":1}`, 60)).toBe('done')
    expect((await stored().findOne({ _id: 'a' }))?.session).toEqual({ b: 1, a: new Date(5), c: 1 })
    await store.close()
  })

  it('live by the clock of the server, whatever that of the node says', async () => {
    const store = await open()
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    const left = async () => (Number((await stored().findOne())?.expires) - now) / 1000

    await store.create('a', '{}', 600)
    const lives = [await left()]
    expect(await store.swap('a', '{}', '{"n":1}', 700)).toBe('done')
    lives.push(await left())
    expect(await store.touch('a', 800)).toBe(true)
    lives.push(await left())
    expect(await store.read('a')).toBe('{"n":1}')
    await store.close()

    // As long as the test itself may take.
    const late = lives.map((seconds, index) => seconds - 600 - 100 * index)
    expect(late.every((seconds) => seconds >= 0 && seconds < 60)).toBe(true)
  })

  it('stand where the url says, the collection included', async () => {
    const store = await open({ url: `${server.url}/${db}/visits`, db: 'elsewhere' })

    await store.create('a', '{}', 60)
    await store.close()

    expect(await client.db(db).collection('visits').countDocuments()).toBe(1)
  })
})

describe('a MongoDB with a lock', () => {
  it.each(['password', 'url'])('lets in by %s, over a user of its database', async (way) => {
    const server = await startOwnMongo({ account: { user: 'ada', password: 's3cret' } })
    onTestFinished(() => server.close())
    const said: string[] = []
    const common = { root, warn: (message: string) => said.push(message), storeTimeout: 15 }
    const at = { port: server.port, username: 'ada' }
    const right = way === 'url' ? { url: server.url } : { ...at, password: 's3cret' }
    const wrong =
      way === 'url' ? { url: server.url.replace('s3cret', 'gu3ss') } : { ...at, password: 'gu3ss' }

    const store = await createMongoStore({ ...common, ...right })
    await store.check()
    await store.close()
    expect(said).toEqual([])
    const outside = await createMongoStore({ ...common, ...wrong })
    const error = await outside.check().catch((thrown: unknown) => thrown)
    await outside.close()

    expect(error).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
    expect(said).toEqual([expect.stringContaining('Authentication failed')])
    expect(inspect(error) + said).not.toContain('gu3ss')
  })

  it('is reached over TLS', async () => {
    const tls = join(root, '..', '..', 'fixtures', 'tls')
    const [keyFile, cert] = [join(tls, 'key.pem'), join(tls, 'cert.pem')]
    const server = await startOwnMongo({ tls: { key: keyFile, cert } })
    onTestFinished(() => server.close())
    const trusting = { tlsAllowInvalidCertificates: true }

    const store = await createMongoStore({
      port: server.port,
      tls: trusting,
      root,
      warn() {},
      storeTimeout: 5,
    })
    expect(await store.create('a', '{}', 60)).toBe(true)
    await store.close()
  })
})

describe('the settings of the mongo store', () => {
  it.each([
    ['a url of something else', { url: 'http://ada:hunter2@localhost' }, 'mongodb://'],
    ['a TLS option the driver does not know', { tls: { nonsense: true } }, 'nonsense'],
    ['a client that is none', { client: { query() {} } }, 'client'],
  ])('refuse %s, without its password', async (_, settings, word) => {
    const store = createMongoStore({ ...settings, root, warn: console.warn })

    const error = await store.catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'E_STORE_OPTIONS', message: expect.stringContaining(word) })
    expect(inspect(error)).not.toContain('hunter2')
  })

  it.each([
    [{}, 'mongodb://localhost:27017/sails', 'sails', 'sessions'],
    [{ host: '::1', port: 1, db: 'a b' }, 'mongodb://[::1]:1/a%20b', 'a b', 'sessions'],
    [{ url: 'mongodb://h/d/c?x=1', db: 'e' }, 'mongodb://h/d?x=1', 'd', 'c'],
    [{ url: 'mongodb://u:p@h:1,i:2/d', collection: 'c' }, 'mongodb://u:p@h:1,i:2/d', 'd', 'c'],
    [{ url: 'mongodb+srv://h', db: 'd' }, 'mongodb+srv://h', 'd', 'sessions'],
    [{ url: 'mongodb://h/?x=1' }, 'mongodb://h/?x=1', 'sails', 'sessions'],
  ])('lead to the place: %j', (settings, url, dbName, collectionName) => {
    expect(targetOf(settings, 1_500)).toMatchObject({ url, dbName, collectionName })
  })

  it.each([
    [{ tls: true }, { tls: true }],
    [{ tls: { ca: 'x' } }, { tls: true, ca: 'x' }],
    [{ username: 'ada', password: 'x' }, { auth: { username: 'ada', password: 'x' } }],
    [{}, { retryWrites: false, retryReads: false, serverSelectionTimeoutMS: 1_500 }],
  ])('become the driver’s: %j', (settings, options) => {
    expect(targetOf(settings, 1_500).options).toMatchObject(options)
  })
})

describe('the template’s mongo lines, uncommented', () => {
  it('keep sessions in a MongoDB', async () => {
    const mongo = await startOwnMongo()
    onTestFinished(() => mongo.close())
    const file = join(root, '..', '..', '..', 'templates', 'app', 'config', 'session.ts')
    const [before = '', block = ''] = (await readFile(file, 'utf8')).split('Or a MongoDB')
    const keys = 'adapter|host|port|db|collection|username|password|ssl|stringify'
    const live = block.replaceAll(new RegExp(`^  // (?=(${keys}): )`, 'gm'), '  ')
    const app = await liftFiles(
      {
        'config/session.ts': `${before}Or a MongoDB${live}`,
        'config/routes.mjs': `export default {
          'POST /login': (req) => { req.session.userId = 'ada'; return {} },
          'GET /me': (req) => ({ userId: req.session.userId ?? null }),
        }`,
        'package.json': '{ "type": "module" }',
      },
      { session: { port: mongo.port } },
    )
    const browser = app.browser()

    await browser.post('/login')
    const { body } = await browser.get('/me')
    const client = new MongoClient(mongo.url)
    const kept = await client.db('sails').collection('sessions').findOne()
    await client.close()

    expect(live).toMatch(/^ {2}adapter: 'mongo',$/m)
    expect(body).toEqual({ userId: 'ada' })
    expect(kept).toMatchObject({ session: expect.stringContaining('"userId":"ada"') })
  })
})
