import { describe, expect, it } from 'vitest'
import { createForebears } from '../../src/session/forebears.ts'

/** A browser whose cookie got `count` new ids, one after the other: `0`, `1`, … */
function chain(count: number) {
  const forebears = createForebears()
  for (let n = 1; n <= count; n += 1) forebears.add(`${n}`, `${n - 1}`)
  return forebears
}

describe('the ids a browser had before', () => {
  it('are told from the newest back to the first', () => {
    expect(chain(3).lineOf('3')).toEqual(['3', '2', '1', '0'])
    expect(chain(3).lineOf('other')).toEqual(['other'])
  })

  it('are told up to the twentieth, also where one has come again', () => {
    const forebears = chain(30)
    forebears.add('0', '30')

    expect(forebears.lineOf('30')).toHaveLength(20)
    expect(forebears.lineOf('0')).toHaveLength(20)
  })

  it('are said once to be replaced', () => {
    const forebears = chain(2)

    expect(['0', '1', '2', '0'].map(forebears.wasReplaced)).toEqual([true, true, false, false])
  })

  it('are forgotten when there are too many, and none of them is called replaced', () => {
    const forebears = chain(10_000)
    const before = forebears.lineOf('10000').length

    forebears.add('new', 'old')

    expect(before).toBe(20)
    expect(forebears.lineOf('10000')).toEqual(['10000'])
    expect(forebears.wasReplaced('5')).toBe(false)
    expect(forebears.lineOf('new')).toEqual(['new', 'old'])
    expect(forebears.wasReplaced('old')).toBe(true)
  })
})
