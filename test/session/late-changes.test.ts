/** What is changed in a session after its answer: nothing stores it, so it is told of, once. */
import type { Request } from 'express'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLateWatch } from '../../src/session/late-changes.ts'
import { liftFiles } from '../support/lift-files.ts'
import {
  createGround,
  createRequest,
  type GroundOptions,
  loggedIn,
  openEvent,
  type TestSession,
} from './ground.ts'

describe('a session that is changed after its answer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    return () => vi.useRealTimers()
  })

  /** A visitor, and what the log says of it when the look has been taken. */
  async function watched(options: GroundOptions = {}) {
    const ground = createGround({ lateWatch: createLateWatch, ...options })
    const { browser } = await loggedIn(ground)
    return {
      ground,
      async answered(act: (session: TestSession) => unknown = () => {}) {
        const { req, visit, end } = await browser.open()
        await act(req.session)
        await end()
        ground.sessions.watchLate?.(visit)
        return req.session
      },
      async said() {
        await vi.advanceTimersByTimeAsync(2_000)
        return ground.told.warned
      },
    }
  }

  it('is told of, once, by the address', async () => {
    const { answered, said } = await watched()
    const sessions = [await answered(), await answered(), await answered()]

    sessions.slice(1).forEach((session) => {
      session['late'] = 1
    })

    expect(await said()).toEqual([expect.stringMatching(/^E_SESSION_SEALED .*: \/page\. .*update/)])
    const other = await answered()
    other['late'] = 1
    expect(await said()).toHaveLength(1)
  })

  it.each<[string, (req: { session: unknown }) => unknown]>([
    ['a BigInt', (req) => Object.assign(req.session as object, { late: 1n })],
    ['a cycle', (req) => Object.assign(req.session as object, { late: req.session })],
    [
      'another object in its place',
      (req) => {
        req.session = {}
      },
    ],
  ])('is told of where it can’t be written: %s', async (_, change) => {
    const { ground, said } = await watched()
    const { req, visit, end } = await (await loggedIn(ground)).browser.open()
    await end()
    ground.sessions.watchLate?.(visit)

    change(req)

    expect(await said()).toEqual([expect.stringMatching(/^E_SESSION_SEALED /)])
  })

  it.each<[string, (session: TestSession) => unknown]>([
    ['nothing is changed', () => {}],
    ['all was changed before', (session) => Object.assign(session, { early: 1 })],
    ['it was destroyed', (session) => session.destroy()],
    ['it was rotated', (session) => session.rotate()],
    ['it has begun anew', (session) => session.regenerate()],
  ])('is not told of where %s', async (_, act) => {
    const { answered, said } = await watched()

    await answered(act)

    expect(await said()).toEqual([])
  })

  it.each<[string, (session: TestSession) => unknown]>([
    ['an update', (session) => session.update((data) => void Object.assign(data, { late: 1 }))],
    ['a save', (session) => Object.assign(session, { late: 1 }).save()],
  ])('is not told of where %s stores it', async (_, act) => {
    const { answered, said } = await watched()
    const session = await answered()

    act(session)

    expect(await said()).toEqual([])
  })

  it('is not told of where it came before, and was dropped for another user’s login', async () => {
    const { ground, said } = await watched()
    const { browser } = await loggedIn(ground, { cart: 1 })
    const late = await browser.open()
    late.req.session['early'] = 1
    const { identity } = await ground.sessions.identify(createRequest() as never, browser.cookie)
    const login = await openEvent(ground, { identity, owner: {} })
    login.req.session['userId'] = 'bob'
    await login.end()

    await late.end()
    ground.sessions.watchLate?.(late.visit)

    expect((await said()).filter((line) => line.includes('SEALED'))).toEqual([])
    expect(ground.told.dropped).toHaveLength(1)
  })

  it('is not told of where no cookie could lead to it anyway', async () => {
    const ground = createGround({ lateWatch: createLateWatch, cookie: { secure: true } })
    const { req, visit, end } = await ground.browser().open()
    req.session['a'] = 1
    await end()
    const before = [...ground.told.warned]

    ground.sessions.watchLate?.(visit)
    await vi.advanceTimersByTimeAsync(2_000)

    expect(ground.told.warned).toEqual(before)
  })

  it('costs nothing where nobody asked for it', () => {
    expect(createGround().sessions.watchLate).toBeUndefined()
  })
})

type Act = (req: { session: Record<string, unknown> }) => unknown

/** Destroys the session, and goes on as if it were there. */
const gone = (act: Act) => async (req: Request) => {
  await req.session.destroy()
  return act(req as unknown as Parameters<Act>[0])
}

describe('an app', () => {
  const routes = {
    'POST /late': (req: Request) => {
      const { session } = req
      Object.assign(session, { n: 1 })
      setImmediate(() => setImmediate(() => Object.assign(session, { late: 1 })))
      return {}
    },
    'POST /gone': gone((req) => req.session['n']),
    'POST /set': gone((req) => {
      req.session['n'] = 1
    }),
    'POST /assign': gone((req) => Object.assign(req.session, { n: 1 })),
    'POST /take': gone((req) => {
      const { n } = req.session
      return n
    }),
    'POST /type': gone(() => {
      throw new TypeError('not a user')
    }),
  }

  const doors = ['http', 'socket'] as const

  async function ask(door: (typeof doors)[number], path: string) {
    const app = await liftFiles({}, { routes, log: { level: 'warn', pretty: true } })
    const browser = app.browser()
    return door === 'http' ? browser.post(path) : browser.emit(`POST ${path}`)
  }

  it.each(
    doors.flatMap((door) =>
      ['/gone', '/set', '/assign', '/take'].map((path) => [door, path] as const),
    ),
  )('says over %s that there is no session after a destroy: %s', async (door, path) => {
    const { body } = await ask(door, path)

    // Over a socket the body of a 500 is a text.
    const said = door === 'http' ? Reflect.get(body as object, 'message') : body
    expect(said).toMatch(/There is no req\.session any more.* may be why/)
    expect(said).not.toContain("'n'")
    if (door === 'http') expect(body).toMatchObject({ code: 'E_SESSION_DESTROYED' })
  })

  it('says so of no other error', async () => {
    const { body } = await ask('http', '/type')

    expect(body).toMatchObject({ code: 'E_SERVER', message: 'not a user' })
  })

  it.each(doors)('is told in development of a late change over %s', async (door) => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    onTestFinished(() => said.mockRestore())

    await ask(door, '/late')

    const lines = () => said.mock.calls.map(([line]) => `${line}`).join('')
    await expect.poll(lines, { timeout: 15_000 }).toContain('E_SESSION_SEALED')
  })
})
