import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createSqliteGround } from './sqlite-ground.ts'

describe('a sqlite file shared by processes', () => {
  it('P4: loses no increment of four processes at once', async () => {
    const ground = await createSqliteGround()
    const store = ground.open()
    await store.create('n', '0', 600)

    const children = Array.from({ length: 4 }, () => ground.child('increment', '100'))
    const codes = await Promise.all(children.map(({ ended }) => ended))

    expect(codes).toEqual([0, 0, 0, 0])
    expect(await store.read('n')).toBe('400')
  })

  it('is made once by four processes that start together, for their owner only', async () => {
    const ground = await createSqliteGround()

    const children = Array.from({ length: 4 }, () => ground.child('create'))
    await Promise.all(children.map(({ ended }) => ended))
    const store = ground.open()
    const ids = await Promise.all(children.map(({ process: { pid } }) => store.read(`${pid}`)))

    expect(children.map(({ lines }) => lines)).toEqual(Array(4).fill(['true']))
    expect(ids).toEqual(['{}', '{}', '{}', '{}'])
    for (const part of ['', '-wal', '-shm']) {
      expect(statSync(ground.file + part).mode & 0o777).toBe(0o600)
    }
  })

  it('keeps all that was acknowledged when a process is killed under traffic', async () => {
    const ground = await createSqliteGround()
    const store = ground.open()
    const acknowledged = new Map<string, string>()

    for (let round = 0; round < 3; round += 1) {
      const child = ground.child('traffic')
      await child.started
      await sleep(400)
      child.process.kill('SIGKILL')
      await child.ended
      for (const [id = '', text = ''] of child.lines.map((line) => line.split(' '))) {
        acknowledged.set(id, text)
      }
    }

    const missing: string[] = []
    for (const [id, text] of acknowledged) {
      const stored = await store.read(id)
      // One that was stored but not yet acknowledged is no harm.
      if (stored !== text && stored !== 'two') missing.push(id)
    }
    expect(missing).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(100)
    expect(await store.create('after', '{}', 60)).toBe(true)
    expect(ground.warnings).toEqual([])
  })

  it('shows each process what another one has been acknowledged', async () => {
    const ground = await createSqliteGround()
    const [one, other] = [ground.open(), ground.open()]
    await one.create('a', '0', 600)

    for (let n = 0; n < 200; n += 1) {
      const [writer, reader] = n % 2 ? [one, other] : [other, one]
      expect(await writer.swap('a', `${n}`, `${n + 1}`, 600)).toBe('done')
      expect(await reader.read('a')).toBe(`${n + 1}`)
    }
  })

  it.each(['close', 'forget'])('lets a process end by itself (%s)', async (part) => {
    const ground = await createSqliteGround()
    const child = ground.child(part)
    await child.started
    const done = performance.now()

    expect(await child.ended).toBe(0)
    expect(performance.now() - done).toBeLessThan(1_000)
  })
})

describe('a sqlite file that another process holds', () => {
  const bound = 500 + 250

  it('P12: refuses writes in time, gives reads, and is back at once', async () => {
    const ground = await createSqliteGround()
    await ground.open().create('a', 'one', 600)
    const store = ground.open({ storeTimeout: 0.5 })
    await vi.waitFor(() => store.check(), 10_000)
    const holder = ground.child('hold')
    await holder.started

    const started = performance.now()
    const writes = [
      store.swap('a', 'one', 'two', 60),
      store.create('b', '{}', 60),
      store.touch('a', 60),
      store.destroy('a'),
      store.read('a', 60),
      store.check(),
    ].map(async (write) => {
      const error: unknown = await write.catch((thrown: unknown) => thrown)
      return { error, ms: performance.now() - started }
    })
    const read = await store.read('a')
    const readMs = performance.now() - started
    const results = await Promise.all(writes)
    holder.process.stdin?.end('release\n')
    await holder.ended
    const swapped = await store.swap('a', 'one', 'two', 60)

    for (const { error, ms } of results) {
      expect(error).toMatchObject({ code: 'E_STORE_DOWN', status: 503 })
      expect(ms).toBeLessThan(bound)
    }
    expect([read, swapped]).toEqual(['one', 'done'])
    expect(readMs).toBeLessThan(250)
    expect(ground.warnings).toEqual([expect.stringContaining('takes no writes in time')])
  })

  it('P5: brings nothing back that has ended while a write was waiting', async () => {
    let now = 1_000_000
    const ground = await createSqliteGround()
    const store = ground.open({ clock: () => now })
    // Lives may be fractions of a second, too.
    await Promise.all([store.create('a', 'one', 60.0005), store.create('b', 'one', 60.0005)])
    const holder = ground.child('hold')
    await holder.started

    now += 59_800
    const waiting = [store.touch('a', 60), store.swap('b', 'one', 'two', 60)]
    await sleep(400)
    holder.process.stdin?.end('release\n')

    expect(await Promise.all(waiting)).toEqual([false, { text: undefined }])
  })

  it('is no error at the start, and is used when it is free', async () => {
    const ground = await createSqliteGround()
    const first = ground.open()
    await first.create('a', '{}', 60)
    const holder = ground.child('hold')
    await holder.started

    const store = ground.open({ storeTimeout: 0.5 })
    await expect(store.create('b', '{}', 60)).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    holder.process.stdin?.end('release\n')
    await holder.ended
    await vi.waitFor(() => store.check(), 10_000)

    expect(await store.create('b', '{}', 60)).toBe(true)
  })
})
