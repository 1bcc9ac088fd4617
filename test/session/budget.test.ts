import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Ask, createBudget } from '../../src/session/budget.ts'
import { pace } from '../../src/session/deadlines.ts'
import type { Reach } from '../../src/session/store.ts'

const later = <T>(milliseconds: number, value: T) =>
  new Promise<T>((resolve) => setTimeout(resolve, milliseconds, value))
const never = () => new Promise<never>(() => {})
const codeOf = (error: { code?: string; message: string }) => error.code ?? error.message

beforeEach(() => {
  const toFake = ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] as const
  vi.useFakeTimers({ toFake: [...toFake] })
})
afterEach(() => void vi.useRealTimers())

function createAsk(reach: Reach = 'nodes') {
  const warned: string[] = []
  const limits = { seconds: 1.5, warn: (text: string) => void warned.push(text) }
  const ask = createBudget({ name: 'slow', reach }, limits)
  const once = <T>(call: () => Promise<T>) => ask({ waited: 0 }, call).catch(codeOf)
  return { ask, once, warned }
}

const passes = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

describe('the time a visit waits for the store', () => {
  it('P12: ends with E_STORE_DOWN when one call takes all of it', async () => {
    const { ask } = createAsk()

    const asked = ask({ waited: 0 }, never).catch((error) => error)
    await passes(1499)
    const early = await Promise.race([asked, 'waiting'])
    await passes(pace + 1)

    expect(early).toBe('waiting')
    expect(await asked).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
  })

  it('P12: is counted over all calls of a visit', async () => {
    const { ask } = createAsk()
    const visit = { waited: 0 }

    const first = ask(visit, () => later(1000, 'first'))
    await passes(1000)
    const second = ask(visit, () => later(1000, 'second')).catch(codeOf)
    const other = ask({ waited: 0 }, () => later(1000, 'other'))
    await passes(1000)
    const third = ask(visit, async () => 'third').catch(codeOf)

    expect(await Promise.all([first, second, other, third])).toEqual([
      'first',
      'E_STORE_DOWN',
      'other',
      'E_STORE_DOWN',
    ])
  })

  it('passes on what the store answers, rejects with and throws', async () => {
    const { once } = createAsk()

    expect(await once(async () => 'text')).toBe('text')
    expect(await once(() => Promise.reject(new Error('own')))).toBe('own')
    expect(
      await once(() => {
        throw new Error('at once')
      }),
    ).toBe('at once')
  })

  it('leaves no timer behind when nobody waits any more', async () => {
    const { once } = createAsk()

    const asked = [once(never), once(() => later(20, 'text'))]
    await passes(1500 + 2 * pace)
    await Promise.all(asked)

    expect(vi.getTimerCount()).toBe(0)
  })

  it('never waits for the memory store, and has no timer for it', async () => {
    const ask: Ask = createBudget({ name: 'memory', reach: 'process' }, { seconds: 1.5, warn() {} })

    const asked = ask({ waited: 0 }, async () => 'text')

    expect(vi.getTimerCount()).toBe(0)
    expect(await asked).toBe('text')
  })
})

describe('P12: while the store hangs', () => {
  async function hanging() {
    const ground = createAsk()
    const first = ground.once(never)
    await passes(1500 + pace)
    await first
    return ground
  }

  it('calls fail at once, but one at a time that finds out', async () => {
    const { once, warned } = await hanging()
    const asked = vi.fn(never)

    expect(await once(asked)).toBe('E_STORE_DOWN')
    expect(asked).not.toHaveBeenCalled()
    await passes(300)
    const trial = once(asked)
    expect(await Promise.all([once(asked), once(asked)])).toEqual(['E_STORE_DOWN', 'E_STORE_DOWN'])
    expect(asked).toHaveBeenCalledOnce()
    await passes(1500 + pace)

    expect(await trial).toBe('E_STORE_DOWN')
    expect(warned).toEqual([expect.stringContaining('fallen silent')])
  })

  it('the first trial that is answered lets everybody in again', async () => {
    const { once, warned } = await hanging()
    await passes(300)

    expect(await once(async () => 'text')).toBe('text')
    expect(await Promise.all([once(async () => 1), once(async () => 2)])).toEqual([1, 2])
    expect(warned).toEqual([expect.any(String), 'The slow session store is back'])
  })

  it('both are said again the next time', async () => {
    const { once, warned } = await hanging()
    await passes(300)
    await once(async () => 'text')

    await passes(1)
    const again = once(never)
    await passes(1500 + pace)
    await again
    await passes(300)
    await once(async () => 'text')

    expect(warned).toHaveLength(4)
    expect(warned.slice(2)).toEqual(warned.slice(0, 2))
  })

  it('an answer that comes too late says that the store is back', async () => {
    const { once } = createAsk()
    let wake = (_: string) => {}
    const first = once(() => new Promise((resolve) => (wake = resolve)))
    await passes(1500 + pace)
    expect(await first).toBe('E_STORE_DOWN')
    expect(await once(async () => 'refused')).toBe('E_STORE_DOWN')

    wake('too late')
    await passes(0)

    expect(await once(async () => 'text')).toBe('text')
  })

  it('the next trial comes a quarter of a second after one that failed', async () => {
    const { once } = await hanging()
    await passes(300)

    expect(await once(() => Promise.reject(new Error('refused')))).toBe('refused')
    expect(await once(async () => 'too soon')).toBe('E_STORE_DOWN')
    await passes(250)

    expect(await once(async () => 'text')).toBe('text')
  })
})

describe('P12: while a file takes no writes', () => {
  it('reads wait for no trial, and the log says what answers 503', async () => {
    const { ask, once, warned } = createAsk('machine')
    const read = () => ask({ waited: 0 }, async () => 'text', 'read').catch(codeOf)
    const first = once(never)
    await passes(1500 + pace)
    await first

    expect([await once(async () => 'written'), await read()]).toEqual(['E_STORE_DOWN', 'text'])
    await passes(300)
    const trial = once(never)
    expect([await once(async () => 'written'), await read()]).toEqual(['E_STORE_DOWN', 'text'])
    await passes(1500 + pace)
    await trial

    expect(warned).toEqual([expect.stringMatching(/silent: what writes to a session answers 503/)])

    await passes(300)
    await once(async () => 'written')
    expect(warned[1]).toBe('The slow session store takes writes again')
  })

  it('it is all the same to other stores', async () => {
    const { ask, once } = createAsk()
    const first = once(never)
    await passes(1500 + pace)
    await first

    const read = ask({ waited: 0 }, async () => 'text', 'read').catch(codeOf)

    expect(await read).toBe('E_STORE_DOWN')
  })
})

describe('a store that answers others', () => {
  it('is asked on when one call of many is late', async () => {
    const { once } = createAsk()

    const late = once(never)
    await passes(1000)
    await once(async () => 'text')
    await passes(500 + pace)

    expect(await late).toBe('E_STORE_DOWN')
    expect(await once(async () => 'text')).toBe('text')
  })

  it('is asked on when it refuses some at once, as a full one does', async () => {
    const { once } = createAsk()
    await passes(10_000)

    for (let n = 0; n < 5; n += 1) await once(() => Promise.reject(new Error('full')))

    expect(await once(async () => 'text')).toBe('text')
  })

  it('is spared when it takes its time to refuse', async () => {
    const { once, warned } = createAsk()
    const slowly = once(() => later(1000, '').then(() => Promise.reject(new Error('no server'))))
    await passes(1000)

    expect(await slowly).toBe('no server')
    expect(await once(async () => 'text')).toBe('E_STORE_DOWN')
    expect(warned).toEqual([])
  })

  it('has 10,000 calls waiting at most', async () => {
    const { ask } = createAsk()
    const visit = { waited: 0 }
    const asked = Array.from({ length: 10_000 }, () => ask(visit, never).catch(codeOf))

    const more = await ask({ waited: 0 }, async () => 'text').catch(codeOf)
    await passes(1500 + pace)

    expect(more).toBe('E_STORE_DOWN')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['E_STORE_DOWN']))
  })
})
