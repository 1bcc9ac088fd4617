/**
 * Visitors on both doors who read and count while their session store is in trouble, and what they must see:
 * what was answered with 200 is kept, everybody else hears 503 in time, nobody is logged out.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { Browser } from '../../src/testing/browser.ts'
import { liftFiles } from './lift-files.ts'

/** The app they visit. */
export const files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; req.session.n = 0; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null, n: req.session.n ?? null }),
    'POST /n': (req) => { req.session.n += 1; return { n: req.session.n } },
  }`,
}
/** **Seconds**. */
const storeTimeout = 1
/** **Milliseconds** within which a store that is back is used again. */
export const recovery = 2000

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

/** What happens in this process from now on that nobody waits for: there must be nothing. */
export function watchProcess(): readonly unknown[] {
  const seen: unknown[] = []
  const note = (error: unknown) => void seen.push(error)
  for (const event of ['unhandledRejection', 'uncaughtExceptionMonitor']) {
    process.on(event, note)
    onTestFinished(() => void process.off(event, note))
  }
  return seen
}

/** An app on a store with four visitors; gives their traffic while `trouble` lasts and after it. */
export async function traffic(store: object, trouble: { begin(): unknown; end(): unknown }) {
  const unheard = watchProcess()
  const app = await liftFiles(files, { session: { ...store, storeTimeout } })
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
    unheard,
    late: all.filter(({ began }) => began > ended + recovery),
    /** What an answer may take, in **milliseconds**, on a machine this busy. */
    bound: storeTimeout * 1000 + 250 + (2 * lag.max) / 1e6,
  }
}

export type Traffic = Awaited<ReturnType<typeof traffic>>

/** What holds in every kind of trouble. */
export async function expectKept({ visitors, all, late, bound, unheard }: Traffic): Promise<void> {
  expect(unheard).toEqual([])
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
