import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeadlines, type Outcome, pace, type Wait } from '../../src/session/deadlines.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Deadlines, and what they tell of each wait. */
function watched() {
  const told: [Wait, Outcome, unknown][] = []
  const deadlines = createDeadlines({
    late: () => new Error('late'),
    settled: (wait, outcome, error) => void told.push([wait, outcome, error]),
  })
  const wait = { end: performance.now() + 100 }
  return { ...deadlines, told, wait }
}

/** Lets this much time pass, in milliseconds, and the looks in it. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a wait', () => {
  it('gets its answer, and is told of once', async () => {
    const { within, told, wait, waiting } = watched()
    const answer = Promise.withResolvers<string>()

    const waited = within(wait, () => answer.promise)
    const before = waiting()
    answer.resolve('here')

    expect(await waited).toBe('here')
    await pass(1_000)
    expect([before, waiting(), told]).toEqual([1, 0, [[wait, 'answer', undefined]]])
  })

  it.each<[string, () => Promise<never>]>([
    ['that rejects', () => Promise.reject(new Error('no'))],
    [
      'that throws at once',
      () => {
        throw new Error('no')
      },
    ],
  ])('fails with its work %s', async (_, work) => {
    const { within, told, wait, waiting } = watched()

    await expect(within(wait, work)).rejects.toThrow('no')

    await pass(1_000)
    expect([waiting(), told]).toEqual([0, [[wait, 'error', new Error('no')]]])
  })

  it('is late after its end and a look, not before', async () => {
    const { within, wait } = watched()
    const failed = vi.fn()
    within(wait, () => new Promise(() => {})).catch(failed)

    await pass(99)
    expect(failed).not.toHaveBeenCalled()
    await pass(1 + pace)
    expect(failed).toHaveBeenCalledExactlyOnceWith(new Error('late'))
  })

  it('that is late is told of an answer after all, and of no error', async () => {
    const { within, told, wait, waiting } = watched()
    const [answer, error] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const waits = [within(wait, () => answer.promise), within(wait, () => error.promise)]
    const outcomes = Promise.allSettled(waits)
    await pass(100 + pace)

    answer.resolve()
    error.reject(new Error('no'))

    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await pass(1_000)
    expect(told.map(([, outcome]) => outcome)).toEqual(['late', 'late', 'overdue'])
    expect(waiting()).toBe(0)
  })
})

describe('what recovers a wait', () => {
  it.each(['an error', 'being late'])('is asked about %s, and gives the answer', async (what) => {
    const { within, wait } = watched()
    const recover = vi.fn(async (error: unknown) => `${error}`)
    const work = () => (what === 'an error' ? Promise.reject('no') : new Promise<string>(() => {}))

    const waited = within(wait, work, recover)
    await pass(100 + pace)

    expect(await waited).toBe(what === 'an error' ? 'no' : 'Error: late')
  })

  it('is asked once, though the work fails when it was late already', async () => {
    const { within, wait } = watched()
    const recover = vi.fn(async () => 'recovered')
    const work = Promise.withResolvers<string>()
    const waited = within(wait, () => work.promise, recover)
    await pass(100 + pace)

    work.reject(new Error('cut off'))

    expect(await waited).toBe('recovered')
    await pass(0)
    expect(recover).toHaveBeenCalledExactlyOnceWith(new Error('late'))
  })
})

describe('many waits', () => {
  it('have one timer, and none when nobody waits', async () => {
    const { within } = watched()
    const soon = { end: performance.now() + 10 }
    const later = { end: performance.now() + 200 }

    const waits = [soon, later, later].map((wait) => within(wait, () => new Promise(() => {})))
    const outcomes = Promise.allSettled(waits)
    const during = vi.getTimerCount()
    await pass(100)
    const between = vi.getTimerCount()
    await pass(300)

    expect([during, between, vi.getTimerCount()]).toEqual([1, 1, 0])
    await outcomes
  })
})
