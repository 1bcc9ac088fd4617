/**
 * P12 under traffic: what visitors see while the real Redis is killed, frozen, filled or made a replica.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { expect, it, onTestFinished } from 'vitest'
import { liftFiles } from '../../support/lift-files.ts'
import { describeOwnRedis, startRedis } from '../../support/redis.ts'
import { expectKept, files, recovery, traffic } from '../../support/traffic.ts'

/** Keeps what it acknowledged through a kill. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

async function ownRedis(args: readonly string[] = []) {
  const redis = await startRedis({ own: true, args })
  const raw = createClient({ url: redis.url })
  raw.on('error', () => {})
  await raw.connect()
  onTestFinished(async () => {
    raw.destroy()
    await redis.close()
  })
  const store = { adapter: 'redis', host: redis.host, port: redis.port }
  return { redis, store, tell: (command: string) => raw.sendCommand(command.split(' ')) }
}

describeOwnRedis('P12: under traffic', () => {
  it.each([
    ['killed and started again', 'kill', 'start'],
    ['restarted slowly', 'stop', 'start'],
    ['frozen and woken', 'pause', 'resume'],
  ] as const)('a redis that is %s loses nothing that was acknowledged', async (_, fail, mend) => {
    const { redis, store } = await ownRedis(durable)

    const seen = await traffic(store, { begin: redis[fail], end: redis[mend] })

    expect(seen.during.length).toBeGreaterThan(0)
    expect(seen.during.filter(({ status }) => status === 200)).toEqual([])
    await expectKept(seen)
  })

  it.each([
    ['is full', 'CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
    ['is a read-only replica', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
  ])('a redis that %s refuses writes, while reads go on', async (_, bad, good) => {
    const { store, tell } = await ownRedis()

    const seen = await traffic(store, { begin: () => tell(bad), end: () => tell(good) })

    const statuses = (request: string) =>
      new Set(seen.during.filter((one) => one.request === request).map(({ status }) => status))
    expect(statuses('POST /n')).toEqual(new Set([503]))
    expect(statuses('GET /me')).toEqual(new Set([200]))
    await expectKept(seen)
  })

  it('a redis that refuses the password costs 503 until it takes it', async () => {
    const { store, tell } = await ownRedis()
    await tell('CONFIG SET requirepass right-one')
    const session = { ...store, pass: 'other-one' }
    const browser = (await liftFiles(files, { session })).browser()

    const refused = await browser.post('/login', { user: 'ada' })
    await tell('CONFIG SET requirepass other-one')
    const began = performance.now()
    while ((await browser.post('/login', { user: 'ada' })).status !== 200) await sleep(20)

    expect(refused).toMatchObject({ status: 503, body: { code: 'E_STORE_DOWN' } })
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(JSON.stringify(refused.body)).not.toContain('other-one')
    expect(performance.now() - began).toBeLessThan(recovery)
  })
})
