/** Seed 000, the shared Redis store: the options as the page writes them, on a real Redis. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { idIn, liftSails, secret } from './seed-ground.ts'

describeOwnRedis("seed 000: adapter 'redis'", () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({
      own: true,
      args: ['--requirepass', 'sesame', '--bind', '127.0.0.1', '-::1'],
    })
  })
  afterAll(() => redis?.close())

  /** One option as a row has it, and what is needed in any case beside it. */
  function only(row: string, option: string): string {
    const name = row.startsWith('002') ? '@sailshq/connect-redis' : 'redis'
    const [key] = option.split(':')
    const needed = [`port: ${redis.port}`, "pass: 'sesame'"].filter(
      (one) => !one.startsWith(`${key}:`),
    )
    const given = option.replace('<port>', `${redis.port}`)
    return [`secret: '${secret}'`, `adapter: '${name}'`, ...needed, given].join(', ')
  }

  /** All of them, as the page has them. */
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
    const visitor = (await liftSails(only(row, option))).browser()
    await visitor.post('/login')

    const { data, life } = await stored(`${place.prefix}${idIn(visitor.cookie())}`, place.db)

    expect(data).toMatchObject({ userId: 7, cookie: { path: '/' } })
    expect(life).toBeGreaterThan(place.ttl - 100)
    expect(life).toBeLessThanOrEqual(place.ttl)
  })

  it.each([
    ['000-12', "host: '127.0.0.2'"],
    ['000-13', 'port: 1'],
    ['000-16', "pass: 'mistaken'"],
    ['002-26', "host: '127.0.0.2'"],
    ['002-27', 'port: 1'],
    ['002-30', "pass: 'mistaken'"],
  ])('%s: %s leads to no session there', async (row, option) => {
    const app = await liftSails(only(row, option))

    expect(await app.browser().post('/login')).toMatchObject({ status: 503 })
  })

  it.each(['000-16', '002-30'])('%s: without pass a Redis that wants none is used', async () => {
    const open = await startRedis({ own: true })
    onTestFinished(() => open.close())
    const app = await liftSails(`secret: '${secret}', adapter: 'redis', port: ${open.port}`)

    expect(await app.browser().post('/login')).toMatchObject({ status: 200 })
  })

  it('000-30: takes all of them, flat beside adapter', async () => {
    const visitor = (await liftSails(lines())).browser()
    await visitor.post('/login')

    const { data, life } = await stored(`sess:${idIn(visitor.cookie())}`, 3)

    expect(data).toMatchObject({ userId: 7 })
    expect(life).toBeLessThanOrEqual(600)
  })

  it('000-11: with no option set asks a Redis on localhost, at its usual port', async () => {
    const asked = attempts()
    const app = await liftSails(`secret: '${secret}',\n        adapter: 'redis',`)

    // Reads nothing and stores nothing there: whoever runs this test may have one.
    await app.browser().get('/health/ready')

    const redises = asked.filter(({ port }) => port !== Number(new URL(app.url).port))
    expect(redises.length).toBeGreaterThan(0)
    for (const { ip, port } of redises) {
      expect(['127.0.0.1', '::1']).toContain(ip)
      expect(port).toBe(6379)
    }
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

/** Where this process tries to connect to from now on, until the test has finished. */
function attempts(): { readonly ip: string; readonly port: number }[] {
  const found: { ip: string; port: number }[] = []
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    socket.on('connectionAttempt', (ip: string, port: number) => found.push({ ip, port }))
  }
  subscribe('net.client.socket', watch)
  onTestFinished(() => void unsubscribe('net.client.socket', watch))
  return found
}
