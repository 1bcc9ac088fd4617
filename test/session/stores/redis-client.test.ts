/** From settings to what node-redis is told, and what of them a log may say. */
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  clientOptions,
  createRedactor,
  givenClient,
} from '../../../src/session/stores/redis-client.ts'

const refused = (word: string) =>
  expect.objectContaining({
    code: 'E_STORE_OPTIONS',
    message: expect.stringContaining(word),
  })

describe('a client of the app’s own', () => {
  const methods = ['get', 'getEx', 'set', 'expire', 'del', 'eval', 'evalSha', 'on', 'off']
  const clientWith = (names: string[]) => Object.fromEntries(names.map((name) => [name, () => {}]))

  it('is taken where it has what the store calls', () => {
    const client = clientWith(methods)

    expect(givenClient(client)).toBe(client)
  })

  it.each(methods)('is refused without %s', (missing) => {
    const client = clientWith(methods.filter((name) => name !== missing))

    expect(() => givenClient(client)).toThrow(refused('`client`'))
  })

  it.each([null, undefined, 'redis://localhost', 6379])('is not %o', (given) => {
    expect(() => givenClient(given)).toThrow(refused('`client`'))
  })
})

describe('the options given to node-redis', () => {
  it.each([
    [undefined, 0],
    [0, 0],
    ['3', 3],
  ])('name the database: %o', (db, database) => {
    expect(clientOptions({ ...(db !== undefined && { db }) })).toMatchObject({ database })
  })

  it.each([-1, 1.5, 'one', Number.NaN])('name no database %o', (db) => {
    expect(() => clientOptions({ db })).toThrow(refused(`not "${db}"`))
  })

  it('leave waiting, deadlines and the next connection to us, and no proxy out', () => {
    expect(clientOptions({ username: 'ada', password: 'x' })).toMatchObject({
      username: 'ada',
      password: 'x',
      disableOfflineQueue: true,
      RESP: 2,
      maintNotifications: 'disabled',
      commandOptions: { timeout: undefined },
      socket: { connectTimeout: 1_000, reconnectStrategy: false },
    })
  })

  it('change nothing but the scheme of a url', () => {
    const url = 'redis://ada:redis:@h/0'

    expect(clientOptions({ url, tls: true }).url).toBe('rediss://ada:redis:@h/0')
    expect(clientOptions({ url, tls: false }).url).toBe(url)
  })
})

describe('the address of a Redis in the log', () => {
  it.each<[Parameters<typeof addressOf>[0], string]>([
    [{}, 'localhost:6379'],
    [{ host: 'h', port: 1 }, 'h:1'],
    [{ url: 'rediss://ada:hunter2@h:7000/2', host: 'other' }, 'h:7000'],
    [{ url: 'unix:///run/redis.sock' }, '/run/redis.sock'],
    [{ url: 'hunter2@h' }, 'the given url'],
    [{ cluster: ['redis://ada:hunter2@a:1', 'redis://b'], url: 'redis://c' }, 'a:1, b'],
  ])('of %j is %s', (connection, address) => {
    expect(addressOf(connection)).toBe(address)
  })
})

describe('what a Redis throws', () => {
  it.each<[Parameters<typeof createRedactor>[0]]>([
    [{ password: 'hunter2' }],
    [{ url: 'redis://ada:hunter2@h' }],
    [{ cluster: ['redis://a', 'redis://ada:hunter2@b'] }],
  ])('is told without the password of %j', (connection) => {
    const told = createRedactor(connection)(new Error('no hunter2 here'))

    expect(told.message).not.toContain('hunter2')
    expect(told.message).toMatch(/^no .* here$/)
  })

  it('may be no error, and is told without the password all the same', () => {
    const told = createRedactor({ password: 'p@ss' })('no p@ss, no p%40ss')

    expect(told).toEqual(new Error('no ***, no p%40ss'))
    expect(createRedactor({ password: 'p%40ss' })('no p@ss').message).toBe('no ***')
  })

  it('is told without the arguments it repeats, in however many lines', () => {
    const said = "ERR unknown command 'X', with args beginning with: 'sess:id\n' 'more'"

    expect(createRedactor({})(new Error(said)).message).toBe("ERR unknown command 'X'")
  })
})
