import { describe, expect, it } from 'vitest'
import { alternate, compared, type Measured } from '../bench/measure.ts'
import { cellTable, manyTable } from '../bench/table.ts'

/** Rounds of what is measured beside what it is compared with, in **microseconds**. */
const uneven = [
  [10, 10],
  [20, 40],
  [300, 100],
  [12, 10],
  [90, 100],
]

describe('what the bench compares', () => {
  it('is the median of each round’s own ratio, whatever else slowed that round', () => {
    const { each, ratio, spread } = compared(uneven, 0)

    // 0.5, 0.9, 1, 1.2, 3: not 20 beside 40, the medians of both sides.
    expect(ratio).toBe(1)
    expect(spread).toEqual([0.9, 1.2])
    expect(each).toBe(20)
  })

  it('is measured in turns forwards and backwards, after a round that does not count', async () => {
    const played: string[] = []
    const side = (name: string, spent: number) => async (requests: number) => {
      played.push(`${name}${requests}`)
      return spent + requests
    }

    const rounds = await alternate([side('a', 1), side('b', 2)], {
      rounds: 3,
      requests: 10,
      warmup: 500,
    })

    expect(played).toEqual([
      'a500',
      'b500',
      ...['a10', 'b10'],
      ...['b10', 'a10'],
      ...['a10', 'b10'],
    ])
    expect(rounds).toEqual(Array(3).fill([11, 12]))
  })
})

describe('the tables of the bench', () => {
  const cell = { name: 'memory-read-1k', store: 'memory', does: 'read', bytes: 1_024 } as const
  const result = (side: string, ratio: number) => ({
    ...{ side, each: 7, ratio, spread: [0.4, 0.6] as const, trips: undefined },
  })
  const rows = (text: string) => text.split('\n').slice(1)

  it.each([
    [0.44, 'met'],
    [0.45, 'met'],
    [0.46, 'missed'],
    [Number.NaN, 'missed'],
  ])('say of our ratio %f beside its target of 0.45 that it is %s', (ratio, verdict) => {
    const measured: Measured = {
      ...{ ...cell, target: 0.45 },
      results: [result('ours', ratio), result('express-session', 1)],
    }

    const [ours, theirs] = rows(cellTable([measured]))

    expect(ours?.split(/ {2,}/)).toEqual([
      ...['memory-read-1k', 'ours', '7.0', ratio.toFixed(2), '0.40–0.60', '0.45', verdict],
    ])
    expect(theirs).not.toMatch(/met|missed/)
  })

  it.each([
    [1.3, 1, 'met'],
    [1.31, 1, 'missed'],
    [1, 1.31, 'missed'],
  ])(
    'say of many sessions, %f for reads and %f for writes, that it is %s',
    (read, write, verdict) => {
      const spent = { read: 5, readRatio: read, write: 9, writeRatio: write }
      const many = { ...spent, sessions: 1_000_000, heap: 604, characters: 338 }

      expect(rows(manyTable([many]))).toEqual([expect.stringContaining(` ${verdict} `)])
    },
  )
})
