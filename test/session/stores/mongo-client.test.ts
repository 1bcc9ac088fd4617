/** From settings to what the mongodb driver is told, and what of them a log may say. */
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  boundsOf,
  createRedactor,
  type MongoConnection,
  targetOf,
} from '../../../src/session/stores/mongo-client.ts'

describe('the place of a MongoDB', () => {
  it.each<[MongoConnection, string, string, string]>([
    [{ host: '[::1]' }, 'mongodb://[::1]:27017/sails', 'sails', 'sessions'],
    [{ db: 7 }, 'mongodb://localhost:27017/7', '7', 'sessions'],
    [{ collection: 'c' }, 'mongodb://localhost:27017/sails', 'sails', 'c'],
    [{ url: 'mongodb://h/a%20b/c%20d' }, 'mongodb://h/a%20b', 'a b', 'c d'],
    [{ url: 'mongodb://h/d/', collection: 'c' }, 'mongodb://h/d', 'd', 'c'],
    [{ url: 'mongodb://h?x=1' }, 'mongodb://h/?x=1', 'sails', 'sessions'],
    [{ url: 'mongodb://h/?x=/a/b', db: 'd' }, 'mongodb://h/?x=/a/b', 'd', 'sessions'],
  ])('is where %j says', (settings, url, dbName, collectionName) => {
    expect(targetOf(settings, 1_500)).toMatchObject({ url, dbName, collectionName })
  })

  it.each<[string, string]>([
    ['mongodb://ada:hunter2@h:1,i:2/d', 'h:1,i:2'],
    ['mongodb+srv://h.example/d?x=y@z', 'h.example'],
    ['mongodb://h', 'h'],
    ['ada:hunter2@h', 'the given url'],
  ])('is said without who gets in: %s', (url, said) => {
    const target = { url, options: {}, dbName: 'd', collectionName: 'c' }

    expect(addressOf(target)).toBe(said)
  })
})

describe('who gets in', () => {
  it.each<[MongoConnection, boolean]>([
    [{ username: 'ada', password: 'x' }, true],
    [{ password: 'x' }, false],
    [{ username: 'ada', password: 'x', url: 'mongodb://h' }, false],
  ])('is named by the settings where no url does: %j', (settings, isNamed) => {
    expect('auth' in targetOf(settings, 1_500).options).toBe(isNamed)
  })

  it.each<[MongoConnection['tls'], object]>([
    [true, { tls: true }],
    [{ ca: 'x' }, { tls: true, ca: 'x' }],
    [false, {}],
    [undefined, {}],
  ])('comes over TLS where that is on: %j', (tls, expected) => {
    const { options } = targetOf({ tls }, 1_500)
    const { tls: given, ca } = options as { tls?: boolean; ca?: string }

    expect({ ...(given && { tls: given }), ...(ca && { ca }) }).toEqual(expected)
  })
})

describe('the bounds of the driver', () => {
  it.each([
    [200, 1_000],
    [3_000, 3_000],
  ])('are a second at least, for a verb of %i ms', (deadline, patience) => {
    expect(boundsOf(deadline)).toEqual({
      connectTimeoutMS: patience,
      serverSelectionTimeoutMS: patience,
      waitQueueTimeoutMS: patience,
      socketTimeoutMS: patience + 1_000,
      heartbeatFrequencyMS: 1_000,
      retryReads: false,
      retryWrites: false,
    })
  })
})

describe('what a MongoDB throws', () => {
  it.each<[MongoConnection]>([
    [{ password: 'hunter2' }],
    [{ url: 'mongodb://ada:hunter2@h/d' }],
    [{ url: 'mongodb://:hunter2@h' }],
  ])('is told without the password of %j', (connection) => {
    const told = createRedactor(connection)(new Error('no hunter2 here'))

    expect(told.message).not.toContain('hunter2')
  })

  it.each<[object, string]>([
    [{ code: 11_000, codeName: 'DuplicateKey' }, '[DuplicateKey] dup key: "…" and "…"'],
    [{ code: 11_000 }, '[11000] dup key: "…" and "…"'],
    [{ code: 'ECONNREFUSED', codeName: 'x' }, 'dup key: "…" and "…"'],
  ])('is told by the server’s name for it, and without what it quotes: %j', (fields, words) => {
    const error = Object.assign(new Error('dup key: "sess:id" and ""'), fields)

    expect(createRedactor({})(error).message).toBe(words)
  })
})
