import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pagePath, readKeys, referencePage } from './reference.ts'
import { readWords } from './words.ts'

const keys = readKeys()
const all = [...keys].flatMap(([subject, own]) => own.map((key) => ({ subject, ...key })))

describe('the reference of the configuration', () => {
  it('is written down in docs/reference.md, which `npm run docs` renews', () => {
    expect(readFileSync(pagePath, 'utf8')).toBe(referencePage(keys))
  })

  it('says what each key takes and means', () => {
    expect(all.length).toBeGreaterThan(120)
    expect(all.filter(({ takes, words }) => takes === '' || words === '')).toEqual([])
  })

  it('names the unit of every time and size', () => {
    const measured = /ttl|timeout|interval|age$|after$|absolute|bytes|size|cache|limit$/i
    const unit = /\b(milli)?seconds\b|\bbytes\b/i

    const without = all.filter(({ path, takes, words }) => {
      return measured.test(path) && takes !== 'nothing' && !unit.test(takes + words)
    })

    expect(without).toEqual([])
  })

  it.each([
    ['', 'port', { takes: 'whole number', byDefault: '1337' }],
    ['session', 'cookie.maxAge', { byDefault: 'null' }],
    ['session', 'name', { takes: 'as `key`' }],
    ['session', 'routesDisabled', { takes: 'nothing' }],
    ['sockets', 'rate.burst', { takes: 'whole number', words: 'Events at once.' }],
    ['security', 'cors.allowOrigins', { takes: "'*', or text, or list of text" }],
    ['log', 'level', { byDefault: "'info'" }],
  ])('reads %s %s', (subject, path, expected) => {
    const key = keys.get(subject)?.find((one) => one.path === path)

    expect(key).toMatchObject(expected)
  })

  it('lists the keys of `previous` once, where they are the same', () => {
    expect(all.map(({ path }) => path)).toContain('previous')
    expect(all.filter(({ path }) => path.startsWith('previous.'))).toEqual([])
  })

  it('takes no word from a key of the same name elsewhere', () => {
    const words = readWords(join(import.meta.dirname, '../../src/config'))

    expect(words('cookieConfig', ['path'])).toContain('Paths')
    expect(words('socketsConfig', ['path'])).toContain('Socket.IO')
    expect(words('sessionConfig', ['nothing'])).toBe('')
  })
})
