import type { NextFunction, Request, Response } from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { liftFiles, strongSecret } from '../support/lift-files.ts'

const gone: string[] = []

const routes = {
  'GET /silent/:id': function silent() {},
  'GET /status': [(_req: Request, res: Response) => res.status(204)],
  'GET /stuck': [() => {}, () => 'never'],
  'GET /later': (_req: Request, res: Response) => void setImmediate(() => res.json(1)),
  'GET /stream': (_req: Request, res: Response) => void setImmediate(() => res.write('begun')),
  'GET /chain': [
    (_req: Request, _res: Response, next: NextFunction) => void setImmediate(next),
    () => 'done',
  ],
  'GET /gone': (_req: Request, res: Response) => {
    gone.push('here')
    res.once('close', () => void gone.splice(0, 1, 'left'))
  },
  'GET /slow': [
    (_req: Request, _res: Response, next: NextFunction) => void setImmediate(next),
    (req: Request) => new Promise((answer) => void req.once('close', answer)),
  ],
  'GET /many/:id': function many() {},
  'GET /written': (_req: Request, res: Response) => res.write('begun'),
  'GET /lost': (_req: Request, res: Response) => {
    res.json(1)
    return { kept: false }
  },
}

async function liftAndListen(environment = 'development') {
  const session = { secret: strongSecret }
  const overrides = { routes, environment, session, sockets: { rate: false } }
  const { app, url, browser } = await liftFiles({}, overrides)
  const visitor = browser()
  const socket = await visitor.socket()
  const warnings: string[] = []
  vi.spyOn(app.log, 'warn').mockImplementation((words) => void warnings.push(String(words)))
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const leaving = new AbortController()
  const ask = (path: string) => fetch(url + path, { signal: leaving.signal }).catch(() => undefined)
  return { warnings, visitor, socket, ask, leave: () => leaving.abort() }
}

/** Half a minute, second by second, while the app goes on. */
async function passTime() {
  for (let second = 0; second < 30; second += 1) {
    await new Promise(setImmediate)
    vi.advanceTimersByTime(1000)
  }
}

describe('a developer', () => {
  afterEach(() => void vi.useRealTimers())

  it('is told once of each route that came to its end and did not answer', async () => {
    const { warnings, ask, leave } = await liftAndListen()

    for (const path of ['/silent/1', '/silent/2', '/status', '/stuck']) ask(path)

    await vi.waitFor(async () => {
      await passTime()
      expect(warnings).toHaveLength(3)
    }, 30_000)
    await passTime()
    leave()
    const end =
      'ended 5 s ago and has not answered: return a value, call res.json(…), or next() in a policy'
    expect(warnings.toSorted()).toEqual([
      `'GET /silent/:id' (function silent) ${end}`,
      `'GET /status' (function) ${end}`,
      `'GET /stuck' (function, function) ${end}`,
    ])
  })

  it('is told nothing of those that answer later, have begun to, or lost their client', async () => {
    const { warnings, visitor, ask, leave } = await liftAndListen()

    const begun = await ask('/stream')
    await Promise.all(['/later', '/chain'].map((path) => visitor.get(path)))
    await passTime()
    ask('/gone')
    await vi.waitFor(() => expect(gone).toHaveLength(1), 30_000)
    leave()
    await vi.waitFor(() => expect(gone).toEqual(['left']), 30_000)
    await passTime()

    expect([begun?.status, warnings]).toEqual([200, []])
  })

  it('is told nothing of a policy that has gone on later, nor of what write returns', async () => {
    const { warnings, ask, leave } = await liftAndListen()

    ask('/slow')
    await ask('/written')
    for (let minute = 0; minute < 4; minute += 1) await passTime()
    leave()

    expect(warnings).toEqual([])
  })

  it('is told once of a value that comes after the answer', async () => {
    const { warnings, visitor } = await liftAndListen()

    await visitor.get('/lost')
    await visitor.get('/lost')

    await vi.waitFor(() => expect(warnings).toHaveLength(1), { timeout: 30_000 })
    expect(warnings[0]).toMatch(/^'GET \/lost' .* returned a value after it had answered by res/)
  })

  it('is told of no more than a thousand at a time, and of later ones again', async () => {
    const { warnings, visitor, socket, ask, leave } = await liftAndListen()
    const told = (path: string) => warnings.filter((words) => words.includes(path)).length

    for (let count = 0; count < 1000; count += 1) socket.emit('get', { url: `/many/${count}` })
    await visitor.emit('GET /chain')
    ask('/stuck')
    await visitor.get('/chain')
    await passTime()
    const first = [told('/many'), told('/stuck')]
    ask('/stuck')
    await vi.waitFor(async () => {
      await passTime()
      expect(told('/stuck')).toBe(1)
    }, 30_000)
    leave()

    expect(first).toEqual([1, 0])
  })

  it('is told nothing in production', async () => {
    const { warnings, visitor, ask, leave } = await liftAndListen('production')

    ask('/silent/1')
    await visitor.get('/lost')
    await passTime()
    leave()

    expect(warnings).toEqual([])
  })
})
