/** The drop-in where it stands twice or below a path, where its store makes sessions, and after a failure. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MemoryStore, session } from '../../src/session/dropin.ts'
import { createDropInReport } from '../../src/session/dropin-report.ts'
import { count, startDropIn } from './dropin-ground.ts'
import { startServer } from './wire.ts'

const usual = { secret: 'keyboard cat', resave: false, saveUninitialized: false }

describe('session() mounted twice', () => {
  it('holds an answer once, also when the session of the first has been destroyed', async () => {
    const second = session(usual)
    const { browser } = await startDropIn((req, res) =>
      req.session.destroy(() => second(req, res, () => res.end(typeof req.session))),
    )

    expect((await browser()()).body).toBe('undefined')
  })
})

describe('session() below a path', () => {
  it('looks for the cookie’s path in the whole address, as it came', async () => {
    const { browser } = await startDropIn(count, {
      cookie: { path: '/app' },
      before(req) {
        Object.assign(req, { originalUrl: req.url, url: req.url?.replace('/app', '') })
      },
    })
    const ask = browser()
    await ask('/app/page')

    expect((await ask('/app/page')).body).toBe('2')
  })
})

describe('what the drop-in tells', () => {
  it('is told once for each path of a value that is lost, and for a thousand of them at most', () => {
    const said: string[] = []
    const { lossy } = createDropInReport((line) => said.push(line))

    for (let n = 0; n < 1_500; n += 1) lossy(new Error(`session.a${n}`))
    for (let n = 0; n < 10; n += 1) lossy(new Error(`session.a${n}`))

    expect(said).toHaveLength(1_000)
  })
})

describe('what the drop-in tells often', () => {
  it('is told of each kind once a minute', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
    onTestFinished(() => clock.mockRestore())
    const said: string[] = []
    const { dropped, unreadable } = createDropInReport((line) => said.push(line))

    for (const now of [0, 59_000, 61_000]) {
      clock.mockReturnValue(now)
      dropped('a')
      unreadable('b')
    }

    expect(said).toHaveLength(4)
  })
})

describe('generate of a store under session()', () => {
  it('gives any request an id and a session by the options', () => {
    const store = new MemoryStore()
    const cookie = { maxAge: 1_000, secure: 'auto', sameSite: 'auto' } as const
    session({ ...usual, store, cookie, genid: () => 'mine' })
    const [safe, plain] = [{ secure: true }, {}]

    for (const request of [safe, plain]) Reflect.get(store, 'generate')(request)

    const made = { sessionID: 'mine', session: { id: 'mine', cookie: { originalMaxAge: 1_000 } } }
    expect(safe).toMatchObject(made)
    expect(plain).toMatchObject(made)
    expect(safe).toMatchObject({ session: { cookie: { secure: true, sameSite: 'none' } } })
    expect(plain).toMatchObject({ session: { cookie: { secure: false, sameSite: 'lax' } } })
  })
})

describe('an error handler after a failed commit', () => {
  it('may write as long as it likes once it has begun', async () => {
    const set = (...given: unknown[]) => (given.at(-1) as (error: Error) => void)(new Error('full'))
    const open = session({ ...usual, store: Object.assign(new MemoryStore(), { set }) })
    const server = await startServer((req, res) =>
      open(req, res, (error) => {
        if (!error) return count(req as never, res, () => {})
        res.write('sorry, ')
        return setTimeout(() => res.end('full'), 2_500)
      }),
    )

    const answer = await fetch(server.url)

    expect([answer.status, await answer.text()]).toEqual([503, 'sorry, full'])
  })
})
