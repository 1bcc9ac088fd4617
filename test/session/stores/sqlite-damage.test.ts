import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createGround, loggedIn } from '../ground.ts'
import { fillDisk, mountDisk } from './sqlite-disk.ts'
import { createSqliteGround, type SqliteGround } from './sqlite-ground.ts'

const run = promisify(execFile)

/** A closed file with fifty sessions. */
async function filled(): Promise<SqliteGround> {
  const ground = await createSqliteGround()
  const store = ground.open()
  const ids = Array.from({ length: 50 }, (_, n) => `s${n}`)
  await Promise.all(ids.map((id) => store.create(id, 'x'.repeat(1_000), 600)))
  await store.close()
  return ground
}

const filesOf = ({ file }: SqliteGround) => readdirSync(dirname(file))

describe('a sqlite file that is broken', () => {
  const damages: Record<string, (file: string) => void> = {
    'has a header of zeros'(file) {
      const bytes = readFileSync(file)
      writeFileSync(file, bytes.fill(0, 0, 100))
    },
    'is a text': (file) => writeFileSync(file, 'no database at all\n'.repeat(100)),
    'was cut in half': (file) => truncateSync(file, readFileSync(file).length / 2),
  }

  it.each(Object.entries(damages))(
    '(%s) is moved aside, and sessions begin empty',
    async (_, damage) => {
      const ground = await filled()
      damage(ground.file)
      const bytes = readFileSync(ground.file)

      const store = ground.open()
      const created = await store.create('a', '{}', 600)

      const aside = filesOf(ground).filter((name) => name.includes('.corrupt-'))
      expect([await store.count(), created]).toEqual([1, true])
      expect(aside).toHaveLength(1)
      expect(readFileSync(`${dirname(ground.file)}/${aside}`).equals(bytes)).toBe(true)
      expect(ground.warnings).toEqual([expect.stringMatching(/is broken .* moved to .*\.corrupt-/)])
    },
  )

  it('is moved aside once by processes that start together', async () => {
    const ground = await filled()
    damages['is a text']?.(ground.file)

    const children = Array.from({ length: 3 }, () => ground.child('create'))
    await Promise.all(children.map(({ ended }) => ended))

    expect(filesOf(ground).filter((name) => name.includes('.corrupt-'))).toHaveLength(1)
    expect(await ground.open().count()).toBe(3)
  })

  it('is an empty store when it is an empty file', async () => {
    const ground = await createSqliteGround()
    mkdirSync(dirname(ground.file))
    writeFileSync(ground.file, '')

    expect(await ground.open().count()).toBe(0)
    expect(filesOf(ground).filter((name) => name.includes('corrupt'))).toEqual([])
  })

  it('that was closed well stands alone', async () => {
    const ground = await filled()

    expect(filesOf(ground)).toEqual([basename(ground.file)])
  })
})

describe('a sqlite file that cannot be', () => {
  it('is one clear error where its folder is none', async () => {
    const ground = await createSqliteGround()
    writeFileSync(dirname(ground.file), '')

    expect(() => ground.open()).toThrow(
      expect.objectContaining({
        code: 'E_STORE_FILE',
        message: expect.stringContaining(ground.file),
      }),
    )
  })

  it('is one clear error in a Node without node:sqlite', async () => {
    const script = `
      import { openStore } from '${new URL('../../../src/session/stores/open.ts', import.meta.url)}'
      const context = { root: '/nowhere', clock: Date.now, warn() {} }
      await openStore({ adapter: 'sqlite' }, context).catch(({ code }) => console.log(code))`
    const args = ['--no-experimental-sqlite', '--input-type=module', '-e', script]

    expect((await run(process.execPath, args)).stdout.trim()).toBe('E_NODE_SQLITE')
  })
})

describe('a sqlite file that cannot grow', () => {
  it('P12: refuses writes with 503, gives reads, loses nothing, and goes on when there is room', async () => {
    const ground = await createSqliteGround()
    const store = ground.open({ maxPages: 40 })
    const text = 'x'.repeat(4_000)
    const stored: string[] = []
    let refusal: unknown
    while (refusal === undefined) {
      const id = `s${stored.length}`
      try {
        await store.create(id, text, 600)
        stored.push(id)
      } catch (error) {
        refusal = error
      }
    }

    const renewed = await store.read('s0', 900)
    const texts = await Promise.all(stored.map((id) => store.read(id)))
    await Promise.all(stored.slice(0, 10).map((id) => store.destroy(id)))
    const again = await store.create('again', text, 600)

    expect(refusal).toMatchObject({ code: 'E_STORE_FULL', status: 503, cause: { message: /full/ } })
    expect(stored.length).toBeGreaterThan(10)
    expect(texts).toEqual(stored.map(() => text))
    expect([renewed, again]).toEqual([text, true])
    expect(ground.warnings).toEqual([expect.stringContaining('cannot grow')])
  })

  it('lets a job that is too large fail alone', async () => {
    const ground = await createSqliteGround()
    const store = ground.open({ maxPages: 40 })

    const results = await Promise.allSettled([
      store.create('a', 'x', 600),
      store.create('b', 'x'.repeat(1_000_000), 600),
      store.create('c', 'x', 600),
    ])

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.count()).toBe(2)
  })

  it('P12: does the same on a disk that is really full, where not even a renewal fits', async (test) => {
    const disk = mountDisk()
    if (!disk) return test.skip('a disk can be mounted by root on Linux only')
    const ground = await createSqliteGround()
    const store = ground.open({ file: join(disk, 'sessions.db') })
    await store.create('a', 'kept', 600)
    const ballast = fillDisk(disk)

    const full = { code: 'E_STORE_FULL', status: 503 }
    await expect(store.create('b', '{}', 600)).rejects.toMatchObject(full)
    await expect(store.touch('a', 900)).rejects.toMatchObject(full)
    await expect(store.read('a', 900)).rejects.toMatchObject(full)
    const read = await store.read('a')
    rmSync(ballast)
    const after = await store.create('b', '{}', 600)

    expect([read, after, await store.read('a')]).toEqual(['kept', true, 'kept'])
    await store.close()
  })
})

describe('P3: a renewal on a disk that is full', () => {
  it('keeps the answer, and is told of after it', async (test) => {
    const disk = mountDisk()
    if (!disk) return test.skip('a disk can be mounted by root on Linux only')
    const store = (await createSqliteGround()).open({ file: join(disk, 'sessions.db') })
    const { browser } = await loggedIn(createGround({ store }))
    const { req, visit, end } = await browser.open()
    const ballast = fillDisk(disk)
    req.session.touch()

    await end()

    expect(visit.lateError).toMatchObject({ code: 'E_STORE_FULL' })
    rmSync(ballast)
    await store.close()
  })

  it('does not count as done, so that the first read after it renews', async (test) => {
    const disk = mountDisk()
    if (!disk) return test.skip('a disk can be mounted by root on Linux only')
    const store = (await createSqliteGround()).open({ file: join(disk, 'sessions.db') })
    const ground = createGround({ store })
    const { browser, id } = await loggedIn(ground)
    const lifeNow = async () => (await store.secondsLeft?.(id)) ?? 0
    const ballast = fillDisk(disk)
    ground.time.now += 10_000_000

    const read = await browser.data()
    const { visit, end } = await browser.open()
    await end()
    const before = await lifeNow()
    rmSync(ballast)
    await browser.visit()

    expect(read).toEqual({ userId: 'ada' })
    expect([visit.renewed, visit.lateError]).toMatchObject([false, { code: 'E_STORE_FULL' }])
    expect(await lifeNow()).toBeGreaterThan(before)
    await store.close()
  })
})
