import { describe, expect, it } from 'vitest'
import { createTurns } from '../../src/session/turns.ts'

describe('turns', () => {
  it('run work on one key one after the other, and begin at once when nobody waits', async () => {
    const inTurn = createTurns()
    const gate = Promise.withResolvers<void>()
    const seen: string[] = []

    const first = inTurn('a', async () => {
      seen.push('first begins')
      await gate.promise
      seen.push('first ends')
    })
    const second = inTurn('a', async () => seen.push('second'))
    const other = inTurn('b', async () => seen.push('other'))
    await other
    const before = [...seen]
    gate.resolve()
    await Promise.all([first, second])

    expect(before).toEqual(['first begins', 'other'])
    expect(seen).toEqual(['first begins', 'other', 'first ends', 'second'])
  })

  it('keep the third waiting for the second when the first is done', async () => {
    const inTurn = createTurns()
    const gate = Promise.withResolvers<void>()
    const seen: string[] = []

    const first = inTurn('a', async () => {})
    const second = inTurn('a', async () => {
      await gate.promise
      seen.push('second')
    })
    await first
    await new Promise(setImmediate)
    const third = inTurn('a', async () => seen.push('third'))
    gate.resolve()
    await Promise.all([second, third])

    expect(seen).toEqual(['second', 'third'])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['was done', async () => {}],
    ['failed', () => Promise.reject(new Error('mine'))],
  ])('leave nothing to wait for after work that %s', async (_, work) => {
    const inTurn = createTurns()
    const begun: string[] = []

    await inTurn('a', work).catch(() => {})
    await new Promise(setImmediate)
    inTurn('a', async () => begun.push('next'))

    expect(begun).toEqual(['next'])
  })

  it('go on after work that failed, which only its own caller hears of', async () => {
    const inTurn = createTurns()

    const failed = inTurn('a', () => Promise.reject(new Error('mine')))
    const next = inTurn('a', async () => 'next')

    await expect(failed).rejects.toThrow('mine')
    expect(await next).toBe('next')
  })
})
