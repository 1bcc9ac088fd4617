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

  const lines = (more = '') => `
        secret: '${secret}',
        adapter: 'redis',
        host: 'localhost',
        port: ${redis.port},
        ttl: 600,
        db: 3,
        pass: 'sesame',
        prefix: 'sess:', ${more}`

  const open = () => createClient({ url: redis.url, password: 'sesame', database: 3 })

  async function asked<T>(ask: (client: ReturnType<typeof open>) => Promise<T>) {
    const client = open()
    await client.connect()
    try {
      return await ask(client)
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

  it('000-12, 000-13, 000-14, 000-15, 000-16, 000-17, 000-30, 002-30: host, port, ttl, db, pass and prefix say where and how long', async () => {
    const visitor = (await liftSails(lines())).browser()
    await visitor.post('/login')
    const key = `sess:${idIn(visitor.cookie())}`

    const [text, life] = await asked((client) => Promise.all([client.get(key), client.ttl(key)]))

    expect(JSON.parse(String(text))).toMatchObject({ userId: 7, cookie: { path: '/' } })
    expect(life).toBeGreaterThan(500)
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

  it.each(["'connect-redis'", "'@sailshq/connect-redis'"])(
    '000-18: %s is our own store with the options of connect-redis',
    async (name) => {
      const app = await liftSails(lines().replace("'redis'", name))
      const visitor = app.browser()
      await visitor.post('/login')

      expect(app.adapter).toBe('redis')
      const keys = await asked((client) => client.exists(`sess:${idIn(visitor.cookie())}`))
      expect(keys).toBe(1)
    },
  )
})
