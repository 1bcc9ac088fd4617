/** Tabs of one browser on two nodes: they come along when one of them, or HTTP, gets a session. */
import { CookieJar } from 'tough-cookie'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { createBrowser } from '../../src/testing/browser.ts'
import { visit } from '../client/ground.ts'
import { heard } from '../sockets/client.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { liftNode } from './pair.ts'

describeRedis('the tabs of one browser, on two nodes with one redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  const pair = async (session: object = {}): Promise<[TestApp, TestApp]> => {
    const given = { adapter: 'redis', url: redis.url, prefix: `${Math.random()}:`, ...session }
    return [await liftNode({}, given), await liftNode({}, given)]
  }

  it.each([0, 1] as const)(
    'P2: a newcomer’s are all told of the cookie that an HTTP login brings: node %i',
    async (node) => {
      const nodes = await pair()
      const [one, two] = nodes
      const browser = createBrowser(one.url)
      const first = await browser.socket()
      const second = await browser.at(two).socket()
      const third = await browser.at(one).socket()
      const told = [first, second, third].map((tab) => heard(tab, 'session:ended'))

      await browser.at(nodes[node]).post('/login')

      const replaced = { reason: 'replaced', reconnect: true }
      expect(await Promise.all(told)).toEqual([replaced, replaced, replaced])
      browser.close()
    },
  )

  it.each([
    ['a newcomer', async () => {}],
    ['a visitor', ({ client }: Visitor) => client.post('/counter')],
    [
      'who has logged out',
      async ({ client }: Visitor) => {
        await client.post('/login')
        await client.post('/logout')
      },
    ],
  ])('W6: the other follows a login over the socket of one: %s', async (_, before) => {
    const [one, two] = await pair({ user: 'userId' })
    const jar = new CookieJar()
    const first = visit(one.url, {}, jar)
    await first.client.get('/me')
    await before(first)
    const second = visit(two.url, {}, jar)
    await second.client.get('/me')

    await first.client.post('/login')

    const ada = { userId: 'ada' }
    await expect
      .poll(async () => (await second.client.get('/me')).body, { timeout: 9000 })
      .toEqual(ada)
    expect(await Promise.all([first.get('/me'), second.get('/me')])).toEqual([ada, ada])
    expect((await first.client.get('/me')).body).toEqual(ada)
  })

  it.each(['/logout', '/regenerate'])(
    'W6: both go on as one when one of them leaves its session by POST %s and logs in again',
    async (path) => {
      const [one, two] = await pair({ user: 'userId' })
      const jar = new CookieJar()
      const userOf = async ({ client }: Visitor) => (await client.get('/me')).body
      const first = visit(one.url, {}, jar)
      await first.client.post('/login')
      const second = visit(two.url, {}, jar)
      expect(await userOf(second)).toEqual({ userId: 'ada' })

      await first.client.post(path)
      await expect.poll(() => userOf(second), { timeout: 9000 }).toEqual({ userId: null })
      await first.client.post('/login')

      await expect.poll(() => userOf(second), { timeout: 9000 }).toEqual({ userId: 'ada' })
      expect(await userOf(first)).toEqual({ userId: 'ada' })
      expect(await second.get('/me')).toEqual({ userId: 'ada' })
    },
  )
})

type Visitor = ReturnType<typeof visit>
