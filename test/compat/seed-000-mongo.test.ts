/** Seed 000, the Mongo store: the options as the page writes them, on a MongoDB or our stand-in. */
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMongo, type TestMongo } from '../support/mongo/server.ts'
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

  it('000-19, 000-20, 000-21, 000-22, 000-23, 000-25, 000-26, 000-28, 000-30: keeps sessions where the flat options say', async () => {
    const app = await liftSails(lines())
    const visitor = app.browser()
    await visitor.post('/login')

    const text = await stored('sails', 'sessions', idIn(visitor.cookie()))

    expect(app.adapter).toBe('mongo')
    expect(JSON.parse(String(text))).toMatchObject({ userId: 7 })
  })

  it('000-29: with stringify: false keeps objects', async () => {
    const visitor = (await liftSails(lines('stringify: false,'))).browser()
    await visitor.post('/login')

    expect(await stored('sails', 'sessions', idIn(visitor.cookie()))).toMatchObject({ userId: 7 })
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
