/** A Redis with users: who may store sessions, and who may listen and speak to other nodes. */
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { TestApp } from '../../src/testing/app.ts'
import { heard } from '../sockets/client.ts'
import { listenToLog } from '../sockets/log.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { liftNode, loggedIn, tab } from './pair.ts'

const password = 'right'

describeOwnRedis('W11: a Redis with users', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis({ own: true })
    await allow('both', '~*', '&*', '+@all')
    await allow('store', '~*', '+@all')
    await allow('bus', '&socket.io#/#*', '&socket.io-*', '+@pubsub', '+@connection')
  })
  afterAll(() => redis.close())

  /** What a user may do from now on; whom the server makes may use no channels unless it is said. */
  async function allow(name: string, ...rights: string[]): Promise<void> {
    const client = await createClient({ url: redis.url }).connect()
    await client.sendCommand(['ACL', 'SETUSER', name, 'on', `>${password}`, ...rights])
    await client.close()
  }

  const as = (username: string, own: object = {}) => {
    return { adapter: 'redis', host: redis.host, port: redis.port, username, password, ...own }
  }

  /** A logout on the one is told on the other. */
  async function tell([one, two]: readonly [TestApp, TestApp]): Promise<unknown> {
    const browser = await loggedIn(one.url)
    const told = heard(await tab(two.url, browser), 'session:ended')
    await browser.post('/logout')
    return told
  }

  /** What a node says in its log from its beginning on. */
  async function linesOf(overrides: object): Promise<string[]> {
    const quiet = { port: 0, log: { level: 'silent' as const } }
    const app = await createApp(await appFolder({}), {
      overrides: { ...quiet, session: { secret: strongSecret }, ...overrides },
      environment: {},
    })
    onTestFinished(() => app.lower())
    const lines = listenToLog({ app } as TestApp)
    await app.lift()
    return lines
  }

  it.each([
    ['the one of the sessions', () => [as('both'), {}]],
    ['one of its own, which may read no session', () => [as('store'), as('bus')]],
    ['another at the place of the sessions', () => [as('store'), { username: 'bus', password }]],
    [
      'another at the url of the sessions',
      () => [
        { adapter: 'redis', url: `redis://store:${password}@${redis.host}:${redis.port}` },
        { username: 'bus', pass: password },
      ],
    ],
  ])('connects the nodes as %s', async (_, places) => {
    const [session = {}, sockets = {}] = places()
    const given = { prefix: `${Math.random()}:`, ...session }
    const nodes = [await liftNode({ sockets }, given), await liftNode({ sockets }, given)]

    expect(await tell([nodes[0] as TestApp, nodes[1] as TestApp])).toMatchObject({
      reason: 'destroyed',
    })
  })

  it('asks for a place where only a client of the app’s own knows the one of the sessions', async () => {
    const client = createClient({ url: redis.url })
    const lifting = liftNode({ sockets: { password } }, { adapter: 'redis', client })

    await expect(lifting).rejects.toMatchObject({ code: 'E_STORE_OPTIONS' })
    await expect(lifting).rejects.toThrow('name a `url` or `host` there too')
  })

  it.each([
    ['sessions', () => ({ session: { secret: strongSecret, ...as('both', { password: 'no!' }) } })],
    ['sockets', () => ({ sockets: as('bus', { password: 'no!' }) })],
    [
      'sockets at the place of the sessions',
      () => ({
        session: { secret: strongSecret, ...as('both') },
        sockets: { username: 'bus', password: 'no!' },
      }),
    ],
  ])(
    'says in the log that the password of the %s is wrong, and not which it was',
    async (_, given) => {
      const lines = await linesOf(given())

      const words = `Redis at ${redis.host}:${redis.port} carries nothing between nodes now (WRONGPASS `
      expect(lines).toContainEqual(expect.stringContaining(words))
      expect(lines.join()).not.toContain('no!')
    },
  )

  it('says once that a user may not listen, and listens when it may', async () => {
    const session = { prefix: `${Math.random()}:`, ...as('store') }
    const nodes = [await liftNode({}, session), await liftNode({}, session)] as const
    const lines = await linesOf({ session: { secret: strongSecret, ...session } })

    await expect.poll(() => lines.join()).toContain('carries nothing between nodes now (NOPERM ')
    await allow('store', '&socket.io#/#*', '&socket.io-*')
    await expect
      .poll(() => lines.join(), { timeout: 9000 })
      .toContain('carries messages between nodes again')

    expect(lines).toHaveLength(2)
    expect(await tell(nodes)).toMatchObject({ reason: 'destroyed' })
  })
})
