import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pagePath, seedsPage } from './page.ts'
import { readRows, readTests, testsIn } from './rows.ts'

const rows = readRows()
const tests = readTests()

describe('the seed checklist', () => {
  it('has the 146 rows of the five documents, each once, in order', () => {
    const counts = { '000': 30, '001': 23, '002': 40, '003': 21, '004': 32 }
    const expected = Object.entries(counts).flatMap(([seed, count]) =>
      Array.from({ length: count }, (_, at) => `${seed}-${String(at + 1).padStart(2, '0')}`),
    )

    expect(expected).toHaveLength(146)
    expect(rows.map(({ number }) => number)).toEqual(expected)
    for (const { says } of rows) expect(says).not.toBe('')
  })

  it('has a test for each row', () => {
    const shown = new Set(tests.map(({ number }) => number))

    expect(rows.filter(({ number }) => !shown.has(number))).toEqual([])
  })

  it('has no test of a row that is none', () => {
    const known = new Set(rows.map(({ number }) => number))

    expect(tests.filter(({ number }) => !known.has(number))).toEqual([])
  })

  it('is written down in docs/seeds.md, which `npm run docs:seeds` renews', () => {
    expect(readFileSync(pagePath, 'utf8')).toBe(seedsPage())
  })

  it('reads titles and tables, and refuses a table without title and a test switched off', () => {
    const number = ['000', '01'].join('-')
    const titled = `it('${number}: does', () => {})`

    expect(testsIn(titled)).toEqual([{ number, title: 'does' }])
    expect(testsIn(`it.each([['${number}', 'this', 1]])('%s: does %s', () => {})`)).toEqual([
      { number, title: 'does this' },
    ])
    expect(() => testsIn(`it.each([['${number}', 1]])('does', () => {})`)).toThrow(number)
    expect(() => testsIn(titled.replace('it(', 'it.skip('))).toThrow('switched off')
  })
})
