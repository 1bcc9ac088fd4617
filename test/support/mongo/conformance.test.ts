import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMongo, startOwnMongo, type TestMongo } from './server.ts'

interface Row {
  _id: string
  [field: string]: unknown
}

describe('the MongoDB of these tests', () => {
  let server: TestMongo
  let client: MongoClient
  beforeAll(async () => {
    server = await startMongo()
    client = new MongoClient(server.url)
  })
  afterAll(async () => {
    await client.db('conformance').dropDatabase()
    await client.close()
    await server.close()
  })

  const rows = (name: string) => client.db('conformance').collection<Row>(name)
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: { code?: unknown }) => error.code,
    )

  it('answers a ping', async () => {
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 })
  })

  it('makes an index for expiry once, and refuses it with another life', async () => {
    const index = () => rows('i').createIndex({ expires: 1 }, { expireAfterSeconds: 0 })

    expect([await index(), await index()]).toEqual(['expires_1', 'expires_1'])
    expect((await rows('i').listIndexes().toArray()).map(({ name }) => name)).toContain('expires_1')
    expect(await codeOf(rows('i').createIndex({ expires: 1 }, { expireAfterSeconds: 9 }))).toBe(85)
  })

  it('removes what has expired by that index, and keeps the rest', async () => {
    await rows('t').createIndex({ expires: 1 }, { expireAfterSeconds: 0 })
    await rows('t').insertMany([
      { _id: 'old', expires: new Date(Date.now() - 1000) },
      { _id: 'new', expires: new Date(Date.now() + 600_000) },
      { _id: 'never' },
    ])

    await expect
      .poll(async () => (await rows('t').find().toArray()).map(({ _id }) => _id), {
        timeout: 70_000,
      })
      .toEqual(['new', 'never'])
  }, 80_000)

  it('counts what an update matched, changed and made', async () => {
    const set = (x: number) => rows('u').updateOne({ _id: 'a' }, { $set: { x } }, { upsert: true })

    expect(await set(1)).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 'a' })
    expect(await set(2)).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 0 })
    expect(await set(2)).toMatchObject({ matchedCount: 1, modifiedCount: 0, upsertedCount: 0 })
  })

  it('refuses a second document of one id, by insert and by an upsert whose filter misses', async () => {
    await rows('d').insertOne({ _id: 'a' })

    expect(await codeOf(rows('d').insertOne({ _id: 'a' }))).toBe(11_000)
    const missing = rows('d').updateOne({ _id: 'a', v: 9 }, { $set: { v: 10 } }, { upsert: true })
    expect(await codeOf(missing)).toBe(11_000)
  })

  it('knows its own time in filters and pipelines, but not in the filter of an upsert', async () => {
    const before = Date.now() - 1000
    await rows('n').insertOne({ _id: 'a', end: new Date(0), text: '$end' })
    const isOver = { _id: 'a', $expr: { $lte: ['$end', '$$NOW'] } }

    const pipeline = [{ $set: { end: { $add: ['$$NOW', 60_000] }, text: { $literal: '$$' } } }]
    expect((await rows('n').updateOne(isOver, pipeline)).matchedCount).toBe(1)
    expect((await rows('n').updateOne(isOver, pipeline)).matchedCount).toBe(0)
    const found = await rows('n').findOne({ _id: 'a' })
    expect(Number(found?.['end'])).toBeGreaterThan(before + 60_000)
    expect(found?.['text']).toBe('$$')
    expect(await codeOf(rows('n').updateOne(isOver, pipeline, { upsert: true }))).toBe(224)
  })

  it('makes or replaces a document by one pipeline that leaves others alone', async () => {
    const isFree = { $eq: [{ $type: '$session' }, 'missing'] }
    const made = { _id: '$_id', session: { $literal: { $a: '$b' } } }
    const put = () =>
      rows('p').updateOne({ _id: 'a' }, [{ $replaceWith: { $cond: [isFree, made, '$$ROOT'] } }], {
        upsert: true,
      })

    expect(await put()).toMatchObject({ upsertedCount: 1, modifiedCount: 0 })
    expect(await put()).toMatchObject({ upsertedCount: 0, modifiedCount: 0, matchedCount: 1 })
    expect(await rows('p').findOne({ _id: 'a' })).toEqual({ _id: 'a', session: { $a: '$b' } })
  })

  it('holds objects equal only with the same fields in the same order and of the same types', async () => {
    const when = new Date(5)
    await rows('o').insertOne({ _id: 'a', session: { a: 1, b: { when, n: null } } })
    const isIt = async (session: object) =>
      (await rows('o').countDocuments({ _id: 'a', session: { $eq: session } })) === 1

    expect(await isIt({ a: 1, b: { when, n: null } })).toBe(true)
    expect(await isIt({ b: { when, n: null }, a: 1 })).toBe(false)
    expect(await isIt({ a: 1, b: { when } })).toBe(false)
    expect(await isIt({ a: 1, b: { when: when.toJSON(), n: null } })).toBe(false)
    expect(await isIt({ a: 1, b: { when, n: null }, c: 1 })).toBe(false)
  })

  it('lets each of many writers win as often as it says', async () => {
    await rows('w').insertOne({ _id: 'a', n: 0 })
    async function write(): Promise<void> {
      for (let won = 0; won < 5; ) {
        const n = (await rows('w').findOne({ _id: 'a' }))?.['n']
        const change = { $set: { n: Number(n) + 1 } }
        won += (await rows('w').updateOne({ _id: 'a', n }, change)).modifiedCount
      }
    }

    await Promise.all(Array.from({ length: 8 }, write))

    expect(await rows('w').findOne({ _id: 'a' })).toMatchObject({ n: 40 })
  })

  it('finds and changes in one command, and gives what was or what is', async () => {
    await rows('f').insertOne({ _id: 'a', n: 1, other: true })
    const up = { $set: { n: 2 } }

    expect(await rows('f').findOneAndUpdate({ _id: 'b' }, up)).toBeNull()
    expect(await rows('f').findOneAndUpdate({ _id: 'a' }, up, { projection: { n: 1 } })).toEqual({
      _id: 'a',
      n: 1,
    })
    expect(
      await rows('f').findOneAndUpdate({ _id: 'a' }, up, { includeResultMetadata: true }),
    ).toMatchObject({ value: { n: 2 }, lastErrorObject: { n: 1, updatedExisting: true } })
  })

  it('walks in order, page by page, and counts', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => `k${String(n).padStart(3, '0')}`)
    await rows('c').insertMany(ids.map((_id) => ({ _id })).toReversed())

    const all = await rows('c').find().sort({ _id: 1 }).batchSize(17).toArray()
    const page = await rows('c')
      .find({ _id: { $gt: 'k100' } }, { sort: { _id: 1 }, limit: 2 })
      .toArray()

    expect(all.map(({ _id }) => _id)).toEqual(ids)
    expect(page.map(({ _id }) => _id)).toEqual(['k101', 'k102'])
    expect(await rows('c').countDocuments({ _id: { $gte: 'k200' } })).toBe(50)
    expect((await rows('c').deleteMany({})).deletedCount).toBe(250)
  })

  it('refuses what is too large, and what it does not know', async () => {
    await rows('h').insertOne({ _id: 'b' })
    const huge = rows('h').insertOne({ _id: 'a', x: 'x'.repeat(17 * 2 ** 20) })

    await expect(huge).rejects.toThrow()
    expect(await codeOf(client.db('x').command({ nonsense: 1 }))).toBe(59)
    expect(await codeOf(rows('h').findOne({ a: { $nonsense: 1 } }))).toBe(2)
  })
})

describe('a MongoDB of a test’s own', () => {
  const account = { user: 'ada', password: 'love lace' }

  it('keeps what it acknowledged through a kill', async () => {
    const server = await startOwnMongo()
    const client = new MongoClient(server.url, { retryReads: true })
    const kept = client.db('kept').collection<Row>('rows')
    await kept.insertOne({ _id: 'a', n: 1 })

    await server.kill()
    await server.start()
    const found = await kept.findOne({ _id: 'a' })
    await client.close()
    await server.close()

    expect(found).toEqual({ _id: 'a', n: 1 })
  })

  it('lets in who has the password, and nobody else', async () => {
    const server = await startOwnMongo({ account: { ...account, password: 'secret' } })
    const ask = async (url: string) => {
      const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 })
      try {
        return await client.db('x').collection('y').countDocuments()
      } catch (error) {
        return (error as { code?: unknown }).code
      } finally {
        await client.close()
      }
    }

    const answers = [
      await ask(`${server.url}/?authSource=admin`),
      await ask(`${server.url.replace('secret', 'guess')}/?authSource=admin`),
      await ask(server.url.replace('ada:secret@', '')),
    ]
    await server.close()

    expect(answers).toEqual([0, 18, 13])
  })

  it('fails commands when told to', async () => {
    const server = await startOwnMongo()
    const client = new MongoClient(server.url, { retryReads: false })
    const fail = (data: object) =>
      client.db('admin').command({
        configureFailPoint: 'failCommand',
        mode: { times: 1 },
        data: { failCommands: ['find'], ...data },
      })
    const find = () =>
      client
        .db('x')
        .collection('y')
        .findOne()
        .then(String, (error) => error.code ?? error.name)

    await fail({ errorCode: 14_031 })
    const answers = [await find(), await find()]
    await fail({ closeConnection: true })
    answers.push(await find())
    await client.close()
    await server.close()

    expect(answers).toEqual([14_031, 'null', 'MongoNetworkError'])
  })
})
