/** When the end of a session is looked for, and how often it is announced: by a store that says what it is told to. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createExpiry, createWatch } from '../../src/sockets/expiry.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  // First, or what was spied on comes back as the fake that it was.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The watch over one session; `left` is what the store says. */
function ground(left: number | undefined) {
  const told: string[] = []
  const store = { left, asked: 0 }
  const begin = Date.now()
  const at = () => Math.round((Date.now() - begin) / 1000)
  const expiry = createExpiry({
    lead: 60,
    clock: Date.now,
    async secondsLeft() {
      store.asked += 1
      return store.left
    },
    expiring: (_id, seconds) => told.push(`at ${at()} expiring in ${seconds}`),
    expired: () => told.push(`at ${at()} expired`),
  })
  const watch = createWatch()
  return {
    told,
    store,
    livesFor: (seconds: number, atMost = Number.POSITIVE_INFINITY) =>
      expiry.livesFor('id', watch, { seconds, atMost }),
    /** So many **seconds** pass. */
    pass: (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000 + 50),
    stop: () => expiry.stop(watch),
  }
}

describe('P9: the absolute end of a session', () => {
  it.each([3600, undefined])('is its end, though the store says: %s', async (left) => {
    const { told, livesFor, pass } = ground(left)

    livesFor(3600, 100)
    await pass(99)
    const before = told.filter((line) => line.includes('expired'))
    await pass(1)

    expect(before).toEqual([])
    expect(told.at(-1)).toBe('at 100 expired')
  })

  it('is heeded where it becomes known while the idle end is waited for', async () => {
    const { told, livesFor, pass } = ground(3600)

    livesFor(3600)
    livesFor(3600, 100)
    await pass(100)

    expect(told.at(-1)).toBe('at 100 expired')
  })
})

describe('W12: the end of a session', () => {
  it('is announced once, and then not asked for before it is there', async () => {
    const { told, store, livesFor, pass } = ground(60)

    livesFor(200)
    await pass(140)
    const asked = store.asked
    await pass(58)
    const askedSince = store.asked - asked
    store.left = 0
    await pass(2)

    expect(askedSince).toBe(0)
    expect(told).toEqual(['at 140 expiring in 60', 'at 200 expired'])
  })

  it('is announced again when somebody has moved it', async () => {
    const { told, store, livesFor, pass } = ground(60)

    livesFor(200)
    await pass(140)
    store.left = 200
    await pass(60)
    store.left = 60
    await pass(140)

    expect(told).toEqual(['at 140 expiring in 60', 'at 340 expiring in 60'])
  })

  it('is announced again when a visit here has moved it', async () => {
    const { told, livesFor, pass } = ground(60)

    livesFor(200)
    await pass(150)
    livesFor(200)
    await pass(140)

    expect(told).toEqual(['at 140 expiring in 60', 'at 290 expiring in 60'])
  })

  it.each([0.01, 0.5])('is not announced twice where the store is %d s behind', async (behind) => {
    const { told, store, livesFor, pass } = ground(60)

    livesFor(200)
    await pass(140)
    store.left = behind
    await pass(59.98)
    store.left = 0
    await pass(1)

    expect(told).toEqual(['at 140 expiring in 60', expect.stringMatching(/^at 20[01] expired/)])
  })

  it('is waited for in steps that Node’s timers can take, however far it is', async () => {
    const day = 86_400
    const set = vi.spyOn(globalThis, 'setTimeout')
    const { told, store, livesFor, pass } = ground(60)

    livesFor(60 * day)
    await pass(60 * day - 61)
    const asked = store.asked
    await pass(1)

    expect(asked).toBe(0)
    expect(told).toEqual([`at ${60 * day - 60} expiring in 60`])
    for (const [, delay = 0] of set.mock.calls) expect(delay).toBeLessThanOrEqual(day * 1000)
  })

  it('is nobody’s business any more once nobody waits for it', async () => {
    const { told, livesFor, pass, stop } = ground(0)

    livesFor(200)
    stop()
    await pass(300)

    expect(told).toEqual([])
  })
})
