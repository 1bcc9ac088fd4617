import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBudget } from '../../src/session/budget.ts'
import type { SessionStore } from '../../src/session/store.ts'

const slow = { name: 'slow', reach: 'process' } as SessionStore
const later = <T>(milliseconds: number, value: T) =>
  new Promise<T>((resolve) => setTimeout(resolve, milliseconds, value))

describe('the time a visit waits for the store', () => {
  afterEach(() => void vi.useRealTimers())

  it('P12: ends with E_STORE_DOWN when one call takes all of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const ask = createBudget(slow, 1.5)

    const asked = ask({ waited: 0 }, () => new Promise(() => {})).catch((error) => error)
    await vi.advanceTimersByTimeAsync(1499)
    const early = await Promise.race([asked, 'waiting'])
    await vi.advanceTimersByTimeAsync(1)

    expect(early).toBe('waiting')
    expect(await asked).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('P12: is counted over all calls of a visit', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const ask = createBudget(slow, 1.5)
    const visit = { waited: 0 }

    const first = ask(visit, () => later(1000, 'first'))
    await vi.advanceTimersByTimeAsync(1000)
    const second = ask(visit, () => later(1000, 'second')).catch((error) => error.code)
    const other = ask({ waited: 0 }, () => later(1000, 'other'))
    await vi.advanceTimersByTimeAsync(1000)

    expect(await Promise.all([first, second, other])).toEqual(['first', 'E_STORE_DOWN', 'other'])
  })

  it('passes on what the store answers, and what it throws', async () => {
    const ask = createBudget(slow, 1.5)

    expect(await ask({ waited: 0 }, async () => 'text')).toBe('text')
    await expect(ask({ waited: 0 }, () => Promise.reject(new Error('own')))).rejects.toThrow('own')
  })
})
