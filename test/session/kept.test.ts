import { describe, expect, it } from 'vitest'
import { keptOf, timeOf } from '../../src/session/kept.ts'

describe('what is kept beside the data', () => {
  it('is found where it was written', () => {
    expect(keptOf({ _catamaran: { created: 7 } })).toEqual({ created: 7 })
  })

  it.each([[[]], [[1]], [null], [{}], [5], ['created']])(
    'is nothing where others wrote %j',
    (kept) => {
      expect(keptOf({ _catamaran: kept })).toBeUndefined()
    },
  )

  it('is nothing where there is no record, or nothing in it', () => {
    expect([keptOf(undefined), keptOf({ a: 1 })]).toEqual([undefined, undefined])
  })

  it('holds no times but numbers that end', () => {
    expect([0, 7, '7', null, undefined, Number.NaN, Infinity, {}].map(timeOf)).toEqual([
      ...[0, 7],
      ...Array(6).fill(undefined),
    ])
  })
})
