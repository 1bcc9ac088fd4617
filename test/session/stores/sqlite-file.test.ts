import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createWriter } from '../../../src/session/stores/sqlite-writer.ts'
import { createSqliteGround } from './sqlite-ground.ts'

/** Nobody else may even read the file, until this is called. */
function lock(file: string): () => void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const holder = new DatabaseSync(file)
  holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
  return () => holder.close()
}

const broken = 'no database at all\n'.repeat(100)

describe('a sqlite file that is moved aside', () => {
  it('three times, and is broken again, says so: the place itself is at fault', async () => {
    const { file, open } = await createSqliteGround()
    mkdirSync(dirname(file))
    writeFileSync(file, broken)
    const warn = vi.fn(() => writeFileSync(file, broken))

    expect(() => open({ warn })).toThrow(expect.objectContaining({ code: 'E_STORE_FILE' }))
    expect(warn).toHaveBeenCalledTimes(3)
  })
})

describe('a sqlite file that somebody else made', () => {
  it.each([
    'CREATE TABLE sessions (id TEXT, sess TEXT)',
    'CREATE TABLE sessions (sid TEXT, expires INTEGER)',
  ])('is one clear error, and stays: %s', async (sql) => {
    const { file, open } = await createSqliteGround()
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    mkdirSync(dirname(file))
    const database = new DatabaseSync(file)
    database.exec(sql)
    database.close()

    expect(() => open()).toThrow(expect.objectContaining({ code: 'E_STORE_FILE' }))
    expect(readdirSync(dirname(file)).filter((name) => name.includes('.corrupt-'))).toEqual([])
  })
})

describe('a sqlite file that is locked when its writer begins', () => {
  it('is written to once it is free', async () => {
    const { file, open } = await createSqliteGround()
    await open().close()
    const free = lock(file)
    const writer = createWriter({ file, timeout: 15_000, refused: () => {} })
    onTestFinished(() => writer.close())

    const written = writer.write({ verb: 'check' })
    setTimeout(free, 300)

    await expect(written).resolves.toBeUndefined()
  })
})

describe('a sqlite file that cannot be read', () => {
  it('P12: because it is locked is no error at the start, is told of, and is read once it is free', async () => {
    const { file, open, warnings } = await createSqliteGround()
    const first = open()
    await first.create('a', '{}', 600)
    await first.close()
    const free = lock(file)

    const store = open({ storeTimeout: 0.05 })
    const told = [...warnings]
    await expect(store.read('a')).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    free()

    expect(await store.read('a')).toBe('{}')
    expect(told).toEqual([expect.stringContaining('another process holds it')])
    expect(warnings).toEqual(told)
  })

  it('P12: because its table is gone says so once', async () => {
    const { file, open, warnings } = await createSqliteGround()
    const store = open()
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const inside = new DatabaseSync(file)
    inside.exec('DROP TABLE sessions')
    inside.close()

    for (const id of ['a', 'b']) {
      await expect(store.read(id)).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    }

    expect(warnings).toEqual([expect.stringMatching(/cannot be used \(no such table/)])
  })
})

describe('the folder of a sqlite file', () => {
  it('is made for its owner only', async () => {
    const { file, open } = await createSqliteGround()

    open()

    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
  })
})

describe('a sqlite store that is closed', () => {
  it('asks for nothing more, and complains of nothing', async () => {
    const { file, open, warnings } = await createSqliteGround()
    const clock = vi.fn(Date.now)
    const store = open({ clock, sweepEvery: 0.001 })
    await vi.waitFor(() => expect(clock).toHaveBeenCalled(), 10_000)
    await store.close()
    clock.mockClear()

    await expect(store.read('a')).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    clock.mockClear()
    await sleep(30)

    expect(clock).not.toHaveBeenCalled()
    expect([warnings, existsSync(`${file}-wal`)]).toEqual([[], false])
  })
})

describe('the ids of a sqlite store', () => {
  it.each([0, 999, 1_000, 1_001, 2_000])('are all listed and counted: %i of them', async (many) => {
    const { file, open } = await createSqliteGround()
    const store = open()
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const inside = new DatabaseSync(file)
    inside.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ${many})
      INSERT INTO sessions SELECT 's' || i, '{}', ${Date.now() + 60_000} FROM n WHERE i <= ${many}`)
    inside.close()

    const ids = new Set<string>()
    for await (const id of store.list()) ids.add(id)

    expect([ids.size, await store.count()]).toEqual([many, many])
  })

  it('leave the event loop its turns while they are listed', async () => {
    const { file, open } = await createSqliteGround()
    const store = open()
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const inside = new DatabaseSync(file)
    inside.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO sessions SELECT 's' || i, '{}', ${Date.now() + 60_000} FROM n`)
    inside.close()
    let turns = 0
    const turn = () => {
      turns += 1
      immediate = setImmediate(turn)
    }
    let immediate = setImmediate(turn)

    await store.count()
    clearImmediate(immediate)

    expect(turns).toBeGreaterThan(3)
  })
})
