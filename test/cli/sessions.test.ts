import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shortHash } from '../../src/session/published.ts'
import { createSqliteStore } from '../../src/session/stores/sqlite.ts'
import { appFolder } from '../support/app-folder.ts'
import { run } from './run.ts'

const session = `export const session = {
  secret: 'a secret of thirty-two characters',
  adapter: 'sqlite', file: 'new.db', hashIds: true, encrypt: true,
  previous: { adapter: 'sqlite', file: 'old.db' },
}`

/** An app with `count` sessions in the store it used before. */
async function appWith(count: number) {
  const cwd = await appFolder({ 'config/session.mjs': session })
  await mkdir(cwd, { recursive: true })
  const store = createSqliteStore({ file: join(cwd, 'old.db'), clock: Date.now, warn() {} })
  for (let n = 0; n < count; n += 1) await store.create(`id${n}`, '{"cookie":{}}', 1000)
  await store.close()
  return cwd
}

describe('catamaran sessions', () => {
  it('moves all from the previous store to the app’s, and says how many', async () => {
    const cwd = await appWith(40)

    const copied = await run(['sessions', 'copy'], { cwd })
    const again = await run(['sessions', 'copy', '--json'], { cwd })
    const counted = await run(['sessions', 'count'], { cwd })

    expect(copied).toMatchObject({ code: 0, err: '' })
    expect(copied.out).toMatch(/^40 sessions moved, in \d+(\.\d)? s\.\n$/)
    expect(JSON.parse(again.out)).toMatchObject({ moved: 0, unreadable: 0 })
    expect(counted).toEqual({ code: 0, out: '40\n', err: '' })
  })

  it('lists sessions by the short hash of their ids, also where ids are hashed', async () => {
    const cwd = await appWith(1)

    const plain = await run(['sessions', 'list', '--in', 'previous'], { cwd })
    await run(['sessions', 'copy'], { cwd })
    const hashed = await run(['sessions', 'list', '--json'], { cwd })

    expect(plain.out).toMatch(new RegExp(`^${shortHash('id0')}  (1000|99\\d) s\\n$`))
    expect(JSON.parse(hashed.out)).toMatchObject({ session: shortHash('id0') })
    expect(plain.out + hashed.out).not.toContain('id0')
  })

  it('ends all sessions when it is told so twice', async () => {
    const cwd = await appWith(3)
    const words = ['sessions', 'clear', '--in', 'sqlite:old.db']

    const asked = await run(words, { cwd })
    const told = await run([...words, '--yes'], { cwd })

    expect(asked).toMatchObject({ code: 2, out: '' })
    expect(asked.err).toContain('--yes')
    expect(told).toEqual({ code: 0, out: '3 ended.\n', err: '' })
  })

  it.each([
    [['copy', '--from', 'postgres://u:secret@h'], 1, /"postgres:\/\/h" names no session store/],
    [['copy', '--from', 'session', '--to', 'previous'], 1, /hashed ids cannot go where/],
    [['copy', '--session.adapter=memory'], 1, /memory session store .* name another store/],
    [['move'], 2, /knows copy, list, count, clear/],
    [[], 2, /missing required argument 'action'/],
  ])('%j ends with %i and one clear line', async (words, code, line) => {
    const ran = await run(['sessions', ...words], { cwd: await appWith(0) })

    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toMatch(line)
    expect(ran.err).not.toContain('secret@')
  })
})
