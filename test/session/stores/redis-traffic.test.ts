/**
 * P12 under traffic: visitors on both doors read and count while the real Redis is killed, frozen, filled or
 * made a replica. What was answered with 200 is kept, everybody else hears 503 in time, nobody is logged out.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { expect, it, onTestFinished } from 'vitest'
import type { Browser } from '../../../src/testing/app.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../../support/redis.ts'

const files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; req.session.n = 0; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null, n: req.session.n ?? null }),
    'POST /n': (req) => { req.session.n += 1; return { n: req.session.n } },
  }`,
}
const storeTimeout = 1
const recovery = 2000
/** Keeps what it acknowledged through a kill. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

interface Seen {
  readonly request: string
  readonly status: number
  readonly body: { readonly userId?: string; readonly n?: number }
  readonly began: number
  readonly ms: number
}

/** One visitor who goes on reading and counting over one door until told to stop. */
function createVisitor(browser: Browser, name: string, door: 'http' | 'socket') {
  const seen: Seen[] = []
  let going = true

  async function ask(request: 'GET /me' | 'POST /n'): Promise<Seen> {
    const began = performance.now()
    const { status, body } = await (door === 'socket' ? emit(request) : send(request))
    const one = {
      request,
      status,
      body: body as Seen['body'],
      began,
      ms: performance.now() - began,
    }
    seen.push(one)
    return one
  }
  const emit = async (request: string) => {
    const { statusCode, body } = await browser.emit(request)
    return { status: statusCode, body }
  }
  const send = (request: string) =>
    request === 'GET /me' ? browser.get('/me') : browser.post('/n')

  async function run(): Promise<void> {
    while (going) {
      await ask('GET /me')
      await ask('POST /n')
      await sleep(20)
    }
  }

  return {
    name,
    seen,
    ask,
    async start() {
      await browser.post('/login', { user: name })
      if (door === 'socket') await browser.socket()
      const done = run()
      return () => {
        going = false
        return done
      }
    },
  }
}

/** An app on `redis` with four visitors; gives their traffic while `trouble` lasts and after it. */
async function traffic(redis: TestRedis, trouble: { begin(): unknown; end(): unknown }) {
  const session = { adapter: 'redis', host: redis.host, port: redis.port, storeTimeout }
  const app = await liftFiles(files, { session })
  const doors = ['http', 'socket', 'http', 'socket'] as const
  const visitors = doors.map((door, n) => createVisitor(app.browser(), `visitor ${n}`, door))
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  const stops = await Promise.all(visitors.map((visitor) => visitor.start()))

  await sleep(300)
  await trouble.begin()
  const began = performance.now()
  await sleep(2500)
  const during = visitors.flatMap(({ seen }) => seen.filter((one) => one.began > began))
  await trouble.end()
  const ended = performance.now()
  await sleep(recovery + 500)
  await Promise.all(stops.map((stop) => stop()))
  lag.disable()

  const all = visitors.flatMap(({ seen }) => seen)
  return {
    visitors,
    all,
    during,
    late: all.filter(({ began }) => began > ended + recovery),
    /** What an answer may take, in **milliseconds**, on a machine this busy. */
    bound: storeTimeout * 1000 + 250 + (2 * lag.max) / 1e6,
  }
}

type Traffic = Awaited<ReturnType<typeof traffic>>

/** What holds in every kind of trouble. */
async function expectKept({ visitors, all, late, bound }: Traffic): Promise<void> {
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 503]))
  expect(Math.max(...all.map(({ ms }) => ms))).toBeLessThan(bound)
  expect(late.length).toBeGreaterThan(0)
  expect(late.filter(({ status }) => status !== 200)).toEqual([])
  for (const { name, seen, ask } of visitors) {
    const answered = seen.filter(({ status }) => status === 200)
    const reads = answered.filter(({ request }) => request === 'GET /me')
    const writes = seen.filter(({ request }) => request === 'POST /n')
    const acknowledged = writes.filter(({ status }) => status === 200).length
    const { body } = await ask('GET /me')

    expect(new Set(reads.map(({ body }) => body.userId))).toEqual(new Set([name]))
    // A write that was answered with 503 may have been carried out; one with 200 was.
    expect(body.n).toBeGreaterThanOrEqual(acknowledged)
    expect(body.n).toBeLessThanOrEqual(writes.length)
  }
}

async function ownRedis(args: readonly string[] = []) {
  const redis = await startRedis({ own: true, args })
  const raw = createClient({ url: redis.url })
  raw.on('error', () => {})
  await raw.connect()
  onTestFinished(async () => {
    raw.destroy()
    await redis.close()
  })
  return { redis, tell: (command: string) => raw.sendCommand(command.split(' ')) }
}

describeOwnRedis('P12: under traffic', () => {
  it.each([
    ['killed and started again', 'kill', 'start'],
    ['restarted slowly', 'stop', 'start'],
    ['frozen and woken', 'pause', 'resume'],
  ] as const)('a redis that is %s loses nothing that was acknowledged', async (_, fail, mend) => {
    const { redis } = await ownRedis(durable)

    const seen = await traffic(redis, { begin: redis[fail], end: redis[mend] })

    expect(seen.during.length).toBeGreaterThan(0)
    expect(seen.during.filter(({ status }) => status === 200)).toEqual([])
    await expectKept(seen)
  })

  it.each([
    ['is full', 'CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
    ['is a read-only replica', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
  ])('a redis that %s refuses writes, while reads go on', async (_, bad, good) => {
    const { redis, tell } = await ownRedis()

    const seen = await traffic(redis, { begin: () => tell(bad), end: () => tell(good) })

    const statuses = (request: string) =>
      new Set(seen.during.filter((one) => one.request === request).map(({ status }) => status))
    expect(statuses('POST /n')).toEqual(new Set([503]))
    expect(statuses('GET /me')).toEqual(new Set([200]))
    await expectKept(seen)
  })

  it('a redis that refuses the password costs 503 until it takes it', async () => {
    const { redis, tell } = await ownRedis()
    await tell('CONFIG SET requirepass right-one')
    const session = { adapter: 'redis', host: redis.host, port: redis.port, pass: 'other-one' }
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
