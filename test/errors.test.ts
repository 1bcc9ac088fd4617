import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CatamaranError, type ErrorCode, errorTable } from '../src/errors.ts'

const codes = Object.keys(errorTable).filter(isCode)
const source = join(import.meta.dirname, '../src')

describe('the errors table', () => {
  it.each(codes)('%s has a status, words and a hint', (code) => {
    const { status, text, hint } = errorTable[code]

    expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(text).toMatch(/\S/)
    expect(hint).toMatch(/\S\.$/)
  })

  it.each(codes)('%s becomes an error whose every placeholder is filled', (code) => {
    const places = errorTable[code].text.split('%s').length - 1
    const values = Array.from({ length: places }, (_, index) => `value-${index}`)
    const cause = new Error('below')

    const error = new CatamaranError(code, values, { cause })

    expect(error).toMatchObject({ ...pick(code), code, cause, name: 'CatamaranError' })
    expect(error.message).not.toContain('%s')
    for (const value of values) expect(error.message).toContain(value)
  })

  it('is in the order of the alphabet', () => {
    expect(codes).toEqual([...codes].sort())
  })

  it('fills no placeholder that a value brings along', () => {
    const error = new CatamaranError('E_CONFIG', ['%s', 'lines'])

    expect(error.message).toBe('The configuration has %s:\nlines')
  })

  it('has every code the source uses, and no other', async () => {
    const used = new Set<string>()
    for (const file of await readdir(source, { recursive: true })) {
      // The client has errors of its own: it imports nothing of the server.
      if (!file.endsWith('.ts') || /^errors\.ts$|^client\b/.test(file)) continue
      const text = await readFile(join(source, file), 'utf8')
      for (const [, code = ''] of text.matchAll(/['"](E_[A-Z_]+)['"]/g)) used.add(code)
    }

    expect([...used].sort()).toEqual([...codes].sort())
  })
})

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

function pick(code: ErrorCode) {
  const { status, hint } = errorTable[code]
  return { status, hint }
}
