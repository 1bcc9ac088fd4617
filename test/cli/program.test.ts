import { describe, expect, it } from 'vitest'
import { run } from './run.ts'

const names = ['new', 'lift', 'dev', 'generate', 'secret', 'routes', 'config', 'doctor', 'sessions']

describe('the command line', () => {
  it('prints a secret of 32 random bytes', async () => {
    const [first, second] = await Promise.all([run(['secret']), run(['secret'])])

    expect(first.out).toMatch(/^[0-9a-f]{64}\n$/)
    expect(first.code).toBe(0)
    expect(second.out).not.toBe(first.out)
  })

  it.each(['0', '15', '1025', 'many', '16.5'])('refuses a secret of %s bytes', async (bytes) => {
    const { code, out, err } = await run(['secret', '--bytes', bytes])

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`--bytes is ${bytes}; a secret has 16 to 1024 bytes`)
  })

  it('lists every command, also when nothing was asked', async () => {
    const [help, nothing] = await Promise.all([run(['--help']), run([])])

    for (const name of names) {
      expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
    expect(help.code).toBe(0)
    expect(nothing).toMatchObject({ code: 2, out: '', err: help.out })
  })

  it.each(names)('helps with %s by an example', async (name) => {
    const { code, out } = await run([name, '--help'])

    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`Example:\\n  .*catamaran ${name}`))
  })

  it('prints its version', async () => {
    const { code, out } = await run(['--version'])

    expect(code).toBe(0)
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['secrt'], "unknown command 'secrt'", 'secret'],
    [['lift', '--prot', '80'], "unknown option '--prot'", '--port'],
    [['new', 'blog', '--gti'], "unknown option '--gti'", '--git'],
  ])('answers %j by exit code 2 and a suggestion', async (words, message, suggestion) => {
    const { code, out, err } = await run(words)

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err).toMatch(new RegExp(`Did you mean .*${suggestion}`))
  })

  it('has colours only for a terminal, or where they are forced', async () => {
    const [piped, forced] = await Promise.all([
      run(['--help'], { env: { NO_COLOR: '' } }),
      run(['--help'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }),
    ])

    expect(piped.out).not.toContain('\u001b[')
    expect(forced.out).toContain('\u001b[')
  })
})
