import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { SqliteStore } from 'catamaran/stores'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import { appFolder, liftFiles } from '../../support/lift-files.ts'
import { createSqliteGround } from './sqlite-ground.ts'

/** For what comes as soon as the machine gets round to it. */
const patience = { timeout: 15_000 }

describe('the sqlite store', () => {
  it('rejects every verb once it is closed, and closes though writes are under way', async () => {
    const store = (await createSqliteGround()).open()
    const creating = store.create('a', '{}', 60)
    await store.close()

    expect(await creating).toBe(true)
    for (const verb of [store.read('a'), store.touch('a', 60), store.count(), store.check()]) {
      await expect(verb).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    }
  })

  it('begins another writing thread where one has ended, and leaves nobody waiting', async () => {
    const threads: Worker[] = []
    const note = (thread: Worker) => void threads.push(thread)
    process.on('worker', note)
    onTestFinished(() => void process.off('worker', note))
    const store = (await createSqliteGround()).open({ storeTimeout: 600 })
    await store.create('kept', '{}', 60)

    const cut = ['a', 'b'].map((id) => store.create(id, '{}', 60).catch(({ code }) => code))
    await Promise.resolve()
    await threads[0]?.terminate()
    const outcomes = await Promise.all(cut)

    for (const outcome of outcomes) expect([true, 'E_STORE_DOWN']).toContain(outcome)
    expect(await store.create('c', '{}', 60)).toBe(true)
    expect(await store.read('kept')).toBe('{}')
    expect(threads).toHaveLength(2)
  })

  it('ends a session at its millisecond, whoever asks', async () => {
    let now = Date.now()
    const store = (await createSqliteGround()).open({ clock: () => now })
    for (const id of ['a', 'b', 'c']) await store.create(id, 'old', 5)

    now += 5_000

    expect(await store.read('a')).toBeUndefined()
    expect(await store.create('a', 'new', 60)).toBe(true)
    expect(await store.touch('b', 60)).toBe(false)
    expect(await store.swap('c', 'old', 'new', 60)).toEqual({ text: undefined })
    expect(await store.count()).toBe(1)
  })

  it('keeps its sessions from one opening to the next', async () => {
    const ground = await createSqliteGround()
    const first = ground.open()
    await first.create('a', 'kept', 600)
    await first.close()

    expect(await ground.open().read('a')).toBe('kept')
  })

  it('removes what has expired, slice by slice, while the event loop runs and reads go on', async () => {
    let now = Date.now()
    const ground = await createSqliteGround()
    const store = ground.open({ clock: () => now, sweepEvery: 0.02 })
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const inside = new DatabaseSync(ground.file, { timeout: 15_000 })
    onTestFinished(() => inside.close())
    inside.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO sessions SELECT 'old' || i, '${'x'.repeat(300)}', ${now + 1000} FROM n`)
    await store.create('young', '{}', 600)
    const left = inside.prepare('SELECT count(*) AS n FROM sessions')
    const rows = () => left.get()?.['n']
    const before = rows()

    now += 2_000
    let turns = 0
    while (rows() !== 1) {
      turns += 1
      expect(await store.read('young')).toBe('{}')
      await new Promise(setImmediate)
    }

    expect(before).toBe(3_001)
    // Thirty slices, each with a way to the disk: had the loop waited for one, it would have waited for all.
    expect(turns).toBeGreaterThan(60)
  })

  it('leaves sweeping to one process at a time, and takes over when that one is gone', async () => {
    let now = Date.now()
    const ground = await createSqliteGround()
    const clock = () => now
    // A lease lasts two rounds: long enough for a busy machine.
    const sweepEvery = 0.2
    const first = ground.open({ clock, sweepEvery })
    await first.create('a', '{}', 1)
    const second = ground.open({ clock, sweepEvery })
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const inside = new DatabaseSync(ground.file)
    onTestFinished(() => inside.close())
    const holder = () => inside.prepare('SELECT holder FROM leases').get()?.['holder']
    await vi.waitFor(() => expect(holder()).toBeTypeOf('string'), patience)
    const owner = holder()

    await sleep(500)
    const same = holder()
    await Promise.all([first.close(), second.close()])
    const third = ground.open({ clock, sweepEvery })
    now += 1_000
    await vi.waitFor(() => expect(holder()).not.toBe(owner), patience)

    expect(same).toBe(owner)
    expect(await third.count()).toBe(0)
  })
})

describe('an app with adapter sqlite', () => {
  const files = {
    'config/routes.js': `export default {
      'POST /login': (req) => { req.session.userId = req.body.user; return {} },
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
    }`,
  }

  it('keeps a login through a restart, in its own folder unless told otherwise', async () => {
    const { testApp } = await import('../../../src/testing/app.ts')
    const root = await appFolder(files)
    const session = { secret: 'a1b2c3d4'.repeat(6), adapter: 'sqlite' }
    const lift = () => testApp(root, { session }, { environment: {} })

    const first = await lift()
    const browser = first.browser()
    await browser.post('/login', { user: 'ada' })
    const cookie = browser.cookie()
    await first.close()
    const second = await lift()
    onTestFinished(() => second.close())
    const me = await second.browser().get('/me', { cookie })

    expect(me.body).toEqual({ userId: 'ada' })
    const { existsSync } = process.getBuiltinModule('node:fs')
    expect(existsSync(`${root}/.data/sessions.db`)).toBe(true)
  })
})

describe('SqliteStore of catamaran/stores', () => {
  it('is a Connect store on a file, and gives the store at its heart', async () => {
    const { file } = await createSqliteGround()
    const store = new SqliteStore({ file, storeTimeout: 15 })
    const connected = vi.fn()
    store.on('connect', connected)
    const heart = store[storeKey]()

    await store.set('a', { cookie: { originalMaxAge: null, expires: null }, n: 1 })

    expect(await store.get('a')).toMatchObject({ n: 1 })
    expect(await heart.read('a')).toContain('"n":1')
    expect([heart.name, heart.reach]).toEqual(['sqlite', 'machine'])
    expect(connected).toHaveBeenCalledOnce()
    await store.close()
  })

  it('is used directly by an app that is given it', async () => {
    const { file } = await createSqliteGround()
    const store = new SqliteStore({ file, storeTimeout: 15 })
    onTestFinished(() => store.close())
    const app = await liftFiles(
      {
        'config/routes.js': `export default { 'GET /': (req) => { req.session.n = 1; return {} } }`,
      },
      { session: { store } },
    )
    await app.browser().get('/')

    expect(app.adapter).toBe('sqlite')
    expect(await store.length()).toBe(1)
  })
})
