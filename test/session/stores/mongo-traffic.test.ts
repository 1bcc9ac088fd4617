/**
 * P12 under traffic: what visitors see while MongoDB is killed, frozen, or its disk is full.
 */
import { MongoClient } from 'mongodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startOwnMongo } from '../../support/mongo/server.ts'
import { expectKept, traffic } from '../../support/traffic.ts'

async function ownMongo(stringify: boolean) {
  const mongo = await startOwnMongo()
  onTestFinished(() => mongo.close())
  return { mongo, store: { adapter: 'mongo', port: mongo.port, stringify } }
}

describe('P12: under traffic', () => {
  it.each([
    ['killed and started again', true, 'kill', 'start'],
    ['frozen and woken', true, 'pause', 'resume'],
    ['frozen and woken, its sessions objects,', false, 'pause', 'resume'],
  ] as const)(
    'a mongo that is %s loses nothing that was acknowledged',
    async (_, stringify, fail, mend) => {
      const { mongo, store } = await ownMongo(stringify)

      const seen = await traffic(store, { begin: mongo[fail], end: mongo[mend] })

      expect(seen.during.length).toBeGreaterThan(0)
      expect(seen.during.filter(({ status }) => status === 200)).toEqual([])
      await expectKept(seen)
    },
  )

  it('a mongo whose disk is full refuses writes, while reads go on', async () => {
    const { mongo, store } = await ownMongo(true)
    const client = new MongoClient(mongo.url)
    onTestFinished(() => client.close())
    const diskFull = { failCommands: ['update', 'insert', 'findAndModify'], errorCode: 14_031 }
    const setMode = (mode: string) =>
      client.db('admin').command({ configureFailPoint: 'failCommand', mode, data: diskFull })

    const seen = await traffic(store, {
      begin: () => setMode('alwaysOn'),
      end: () => setMode('off'),
    })

    const statuses = (request: string) =>
      new Set(seen.during.filter((one) => one.request === request).map(({ status }) => status))
    expect(statuses('POST /n')).toEqual(new Set([503]))
    expect(statuses('GET /me')).toEqual(new Set([200]))
    await expectKept(seen)
  })
})
