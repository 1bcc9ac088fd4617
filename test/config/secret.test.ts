import { describe, expect, it } from 'vitest'
import { isSecretMissing, weaknessOf } from '../../src/config/secret.ts'
import { load, problems, strongSecret } from './folder.ts'

const production = { environment: { NODE_ENV: 'production' } }

function withSecret(secret: string) {
  return { 'config/session.ts': `export const session = { secret: ${secret} }` }
}

describe('P11: the secret', () => {
  it.each([
    'keyboard cat',
    'extremely-secure-keyboard-cat',
    'SocketStream',
    'shhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh',
    'secret',
    'Change me!',
  ])('%s is a well-known sample', (sample) => {
    expect(weaknessOf(sample)).toBe('is a well-known sample')
  })

  it('is weak under 32 characters, and among several each one counts', () => {
    expect(weaknessOf('x'.repeat(31))).toBe('is shorter than 32 characters')
    expect(weaknessOf('x'.repeat(32))).toBeUndefined()
    expect(weaknessOf([strongSecret, 'short'])).toBe('(number 2) is shorter than 32 characters')
    expect(weaknessOf([strongSecret])).toBeUndefined()
  })

  it.each([undefined, null, ''])('is missing when it is %s', (secret) => {
    expect(isSecretMissing(secret)).toBe(true)
  })

  it.each([{}, withSecret("''"), withSecret('process.env.NOT_SET_ANYWHERE')])(
    'must be there in production: %o',
    async (files) => {
      const lines = await problems(files, production)

      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(
        /^config\/session\.ts · session\.secret · .*is missing: put what `catamaran secret` prints/,
      )
    },
  )

  it.each(["'keyboard cat'", "'tooshort'", `['${strongSecret}', 'tooshort']`])(
    'must be strong in production: %s',
    async (secret) => {
      const lines = await problems(withSecret(secret), production)

      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(
        /^config\/session\.ts · session\.secret · .*\(hidden\).* · .*catamaran secret/,
      )
      expect(lines[0]).not.toMatch(/keyboard|tooshort/)
    },
  )

  it('is made up for one run elsewhere, with a note', async () => {
    const first = await load({})
    const second = await load(withSecret("''"))

    expect(first.config.session.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(second.config.session.secret).not.toBe(first.config.session.secret)
    expect(first.sources.get('session.secret')).toBe('made up for this run')
    expect(first.notes.join()).toMatch(/sessions end at a restart.*`catamaran secret`/)
    expect(first.notes.join()).not.toContain(first.config.session.secret)
  })

  it('is taken with a note when it is weak elsewhere, and without one when it is strong', async () => {
    const weak = await load(withSecret("'keyboard cat'"))
    const strong = await load(withSecret(`'${strongSecret}'`))

    expect(weak.config.session.secret).toBe('keyboard cat')
    expect(weak.notes.join()).toMatch(
      /session\.secret is a well-known sample, production refuses it/,
    )
    expect(strong.notes).toEqual([])
  })

  it('is never printed', async () => {
    const lines = await problems({
      'config/session.ts': `export const session = {
        secret: ['${strongSecret}', 5], pass: 55555, password: { a: 'hush' }, url: ['redis://u:hush@h'], ttl: 'x',
      }`,
      'config/local.ts': `export default { ssl: { key: 'hush', cert: 'hush2', passphrase: 5 } }`,
      'config/log.ts': `export const log = [{ password: 'hush' }, 'redis://u:hush@h']`,
    })

    expect(lines.length).toBeGreaterThan(6)
    expect(lines.join('\n')).not.toMatch(new RegExp(`${strongSecret}|55555|hush(?!2)`))
  })
})
