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

  it('go on after work that failed, which only its own caller hears of', async () => {
    const inTurn = createTurns()

    const failed = inTurn('a', () => Promise.reject(new Error('mine')))
    const next = inTurn('a', async () => 'next')

    await expect(failed).rejects.toThrow('mine')
    expect(await next).toBe('next')
  })
})
