import { describe, expect, it } from 'vitest'
import { splitOverrides } from '../../src/cli/overrides.ts'

describe('configuration on the command line', () => {
  it.each([
    [['--session.ttl=60'], { 'session.ttl': '60' }],
    [['--session.ttl', '60'], { 'session.ttl': '60' }],
    [['--session.rolling'], { 'session.rolling': 'true' }],
    [['--session.rolling', '--prod'], { 'session.rolling': 'true' }],
    [['--session.cookie.domain=a=b.c'], { 'session.cookie.domain': 'a=b.c' }],
    [['--session.pass='], { 'session.pass': '' }],
    [['--session.ttl=1', '--session.ttl=2'], { 'session.ttl': '2' }],
  ])('is read from %j', (line, overrides) => {
    expect(splitOverrides(line).overrides).toEqual(overrides)
  })

  it('leaves everything else to the parser, in order', () => {
    const line = ['lift', '--port', '80', '--session.ttl=60', '--prod', '--.x', '--a.']

    expect(splitOverrides(line).rest).toEqual(['lift', '--port', '80', '--prod', '--.x', '--a.'])
  })

  it('takes no word that begins like an option for a value', () => {
    const { rest, overrides } = splitOverrides(['--session.ttl', '--port', '80'])

    expect(overrides).toEqual({ 'session.ttl': 'true' })
    expect(rest).toEqual(['--port', '80'])
  })
})
