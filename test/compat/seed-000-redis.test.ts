/** Seed 000, the shared Redis store: the options as the page writes them, on a real Redis. */
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectionOf } from '../../src/config/connection.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { idIn, liftSails, secret } from './seed-ground.ts'

describeOwnRedis("seed 000: adapter 'redis'", () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({ own: true, args: ['--requirepass', 'sesame'] })
  })
  afterAll(() => redis?.close())

  /** What a test needs in any case, and what the page has besides. */
  const needed = () => `secret: '${secret}', adapter: 'redis', port: ${redis.port}, pass: 'sesame'`
  const lines = () => `
        secret: '${secret}',
        adapter: 'redis',
        host: 'localhost',
        port: ${redis.port},
        ttl: 600,
        db: 3,
        pass: 'sesame',
        prefix: 'sess:',`

  /** The record under a key, and the **seconds** it has to live. */
  async function stored(key: string, database: number) {
    const client = createClient({ url: redis.url, password: 'sesame', database })
    await client.connect()
    try {
      const [text, life] = await Promise.all([client.get(key), client.ttl(key)])
      return { data: JSON.parse(text ?? 'null'), life }
    } finally {
      client.destroy()
    }
  }

  it('000-10: is shared by several servers', async () => {
    const [one, two] = [await liftSails(lines()), await liftSails(lines())]
    const visitor = one.browser()
    await visitor.post('/login')

    const seen = await two.browser().get('/me', { Cookie: visitor.cookie() })

    expect(one.adapter).toBe('redis')
    expect(seen.body).toMatchObject({ userId: 7 })
  })

  const usual = { db: 0, prefix: 'sess:', ttl: 86_400 }

  it.each([
    ['000-12', "host: 'localhost'", usual],
    ['000-13', 'port: <port>', usual],
    ['000-14', 'ttl: 600', { ...usual, ttl: 600 }],
    ['000-15', 'db: 3', { ...usual, db: 3 }],
    ['000-16', "pass: 'sesame'", usual],
    ['000-17', "prefix: 'visits:'", { ...usual, prefix: 'visits:' }],
    ['002-26', "host: 'localhost'", usual],
    ['002-27', 'port: <port>', usual],
    ['002-28', 'ttl: 600', { ...usual, ttl: 600 }],
    ['002-29', 'db: 3', { ...usual, db: 3 }],
    ['002-30', "pass: 'sesame'", usual],
    ['002-31', "prefix: 'visits:'", { ...usual, prefix: 'visits:' }],
  ])('%s: %s says where sessions are kept, or how long', async (row, option, place) => {
    const name = row.startsWith('002') ? '@sailshq/connect-redis' : 'redis'
    const written = `${needed().replace("'redis'", `'${name}'`)}, ${option}`
    const visitor = (await liftSails(written.replace('<port>', `${redis.port}`))).browser()
    await visitor.post('/login')

    const { data, life } = await stored(`${place.prefix}${idIn(visitor.cookie())}`, place.db)

    expect(data).toMatchObject({ userId: 7, cookie: { path: '/' } })
    expect(life).toBeGreaterThan(place.ttl - 100)
    expect(life).toBeLessThanOrEqual(place.ttl)
  })

  it('000-16: pass is refused when it is wrong', async () => {
    const app = await liftSails(lines().replace('sesame', 'mistaken'))

    expect(await app.browser().post('/login')).toMatchObject({ status: 503 })
  })

  it('000-30: takes all of them, flat beside adapter', async () => {
    const visitor = (await liftSails(lines())).browser()
    await visitor.post('/login')

    const { data, life } = await stored(`sess:${idIn(visitor.cookie())}`, 3)

    expect(data).toMatchObject({ userId: 7 })
    expect(life).toBeLessThanOrEqual(600)
  })

  it('000-11: with no option set expects a Redis on localhost', async () => {
    const { config } = await import('../config/folder.ts').then(({ load }) =>
      load({ 'config/session.ts': "export const session = { adapter: 'redis' }" }),
    )

    expect(connectionOf(config.session)).toMatchObject({
      host: 'localhost',
      port: 6379,
      db: 0,
      prefix: 'sess:',
    })
  })

  it.each([
    ['000-18', 'connect-redis'],
    ['000-18', '@sailshq/connect-redis'],
    ['002-07', 'redis'],
    ['002-32', '@sailshq/connect-redis'],
  ])('%s: %s is our own store with the options of connect-redis', async (_, name) => {
    const app = await liftSails(lines().replace("'redis'", `'${name}'`))
    const visitor = app.browser()
    await visitor.post('/login')

    expect(app.adapter).toBe('redis')
    const { data } = await stored(`sess:${idIn(visitor.cookie())}`, 3)
    expect(data).toMatchObject({ userId: 7 })
  })
})
