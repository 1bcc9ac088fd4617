/** Seed 000, the Mongo store: the options as the page writes them, on a MongoDB or our stand-in. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startMongo, startOwnMongo, type TestMongo } from '../support/mongo/server.ts'
import { idIn, liftSails, sailsFolder, secret } from './seed-ground.ts'

describe("seed 000: adapter 'mongo'", () => {
  let mongo: TestMongo
  let place: URL
  beforeAll(async () => {
    mongo = await startMongo()
    place = new URL(mongo.url)
  })
  afterAll(() => mongo?.close())

  const lines = (more = '') => `
        secret: '${secret}',
        adapter: 'mongo',

        host: '${place.hostname}',
        port: ${place.port},
        db: 'sails',
        collection: 'sessions',

        username: '${place.username}',
        password: '${place.password}',
        auto_reconnect: false,
        ssl: false,
        stringify: true, ${more}`

  async function stored(db: string, collection: string, id: string) {
    const client = new MongoClient(mongo.url)
    try {
      const ids = client.db(db).collection<{ _id: string; session: unknown }>(collection)
      return (await ids.findOne({ _id: id }))?.session
    } finally {
      await client.close()
    }
  }

  it.each(['mongo', 'connect-mongo'])('000-19: adapter %s is the store', async (name) => {
    const app = await liftSails(lines().replace("'mongo'", `'${name}'`))

    expect(app.adapter).toBe('mongo')
    expect((await app.browser().post('/login')).body).toMatchObject({ id: 7 })
  })

  const usual = { db: 'sails', collection: 'sessions' }

  it.each([
    ['000-20', 'host: <host>', usual],
    ['000-21', 'port: <port>', usual],
    ['000-22', "db: 'visits'", { ...usual, db: 'visits' }],
    ['000-23', "collection: 'visits'", { ...usual, collection: 'visits' }],
    ['000-28', 'ssl: false', usual],
    ['000-30', "db: 'flat', collection: 'beside'", { db: 'flat', collection: 'beside' }],
  ])('%s: %s says where sessions are kept', async (_row, option, { db, collection }) => {
    const needed = `secret: '${secret}', adapter: 'mongo', host: '${place.hostname}', port: ${place.port}`
    const account = `username: '${place.username}', password: '${place.password}'`
    const given = option.replace('<host>', `'${place.hostname}'`).replace('<port>', place.port)
    const visitor = (await liftSails(`${needed}, ${account}, ${given}`)).browser()
    await visitor.post('/login')

    const text = await stored(db, collection, idIn(visitor.cookie()))

    expect(JSON.parse(String(text))).toMatchObject({ userId: 7 })
  })

  it('000-29: with stringify: true, as by default, keeps text', async () => {
    const visitor = (await liftSails(lines())).browser()
    await visitor.post('/login')

    expect(typeof (await stored('sails', 'sessions', idIn(visitor.cookie())))).toBe('string')
  })

  it.each([
    ['000-25', 'username', "username: 'eve', password: 's3cret'"],
    ['000-26', 'password', "username: 'ada', password: 'mistaken'"],
  ])('%s: the server is told %s, and may refuse it', async (_row, _option, wrong) => {
    const own = await startOwnMongo({ account: { user: 'ada', password: 's3cret' } })
    onTestFinished(() => own.close())
    const needed = `secret: '${secret}', adapter: 'mongo', port: ${own.port}, host: '127.0.0.1'`

    const app = await liftSails(`${needed}, username: 'ada', password: 's3cret'`)

    expect((await app.browser().post('/login')).body).toMatchObject({ id: 7 })
    const refused = await liftSails(`${needed}, ${wrong}`)
    expect(await refused.browser().post('/login')).toMatchObject({ status: 503 })
  })

  it('000-20: host is where it is looked for, and nowhere else', async () => {
    const elsewhere = place.hostname === '127.0.0.2' ? '127.0.0.3' : '127.0.0.2'

    const app = await liftSails(lines().replace(`'${place.hostname}'`, `'${elsewhere}'`))

    expect(await app.browser().post('/login')).toMatchObject({ status: 503 })
  })

  it('000-29: with stringify: false keeps objects', async () => {
    const visitor = (await liftSails(lines('stringify: false,'))).browser()
    await visitor.post('/login')

    expect(await stored('sails', 'sessions', idIn(visitor.cookie()))).toMatchObject({ userId: 7 })
  })

  it.each([
    ['000-28', 'ssl: false', false],
    ['000-28', 'ssl: true', true],
  ])('%s: with %s the server is spoken to over TLS or not', async (_row, option, overTls) => {
    const { port, first } = await listener()
    const app = await liftSails(
      `secret: '${secret}', adapter: 'mongo', host: '127.0.0.1', port: ${port}, storeTimeout: 0.5, ${option}`,
    )
    const answer = app.browser().post('/login')

    // A TLS connection begins with a record of this type, a message of Mongo's with its length.
    expect((await first)[0] === 0x16).toBe(overTls)
    expect(await answer).toMatchObject({ status: 503 })
  })

  it('000-24: url overrides the other settings, its collection in the path', async () => {
    const url = `${mongo.url}/elsewhere/visits`
    const visitor = (await liftSails(lines(`url: '${url}',`))).browser()
    await visitor.post('/login')

    expect(await stored('elsewhere', 'visits', idIn(visitor.cookie()))).toContain('"userId":7')
    expect(await stored('sails', 'sessions', idIn(visitor.cookie()))).toBeUndefined()
  })

  it('000-27: auto_reconnect: false is accepted, and the log says that it has no effect', async () => {
    const { loadConfig } = await import('../../src/config/load.ts')

    const { notes } = await loadConfig(await sailsFolder(lines()), { environment: {} })

    expect(notes.join('\n')).toMatch(/auto_reconnect has no effect/)
  })
})

/** Listens, and keeps the first bytes that come; it answers nothing. */
async function listener() {
  const { promise: first, resolve } = Promise.withResolvers<Buffer>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      resolve(bytes)
      socket.destroy()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, first }
}
