import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { createMongoStore, type MongoStoreSettings } from '../../../src/session/stores/mongo.ts'
import { startCuttableLine } from '../../support/cuttable-line.ts'
import { type OwnMongo, startOwnMongo } from '../../support/mongo/server.ts'
import {
  atOnce,
  bound,
  down,
  recovery,
  storeTimeout,
  timed,
  untilUp,
  verbs,
} from '../../support/outage.ts'
import { startWatch } from '../../support/stopwatch.ts'

describe('a MongoDB that fails', () => {
  let server: OwnMongo
  let store: SessionStore
  let warnings: string[]
  let unhandled: unknown[]
  const note = (error: unknown) => void unhandled.push(error)

  beforeEach(async () => {
    warnings = []
    unhandled = []
    process.on('unhandledRejection', note)
    server = await startOwnMongo()
    store = await open()
    await untilUp(store)
    await vi.waitFor(() => store.create('a', 'one', 60), { timeout: 15_000 })
  })
  afterEach(async () => {
    await store.close()
    await server.close()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  const open = (options: Partial<MongoStoreSettings> = {}) =>
    createMongoStore({
      port: server.port,
      root: import.meta.dirname,
      storeTimeout,
      warn: (message) => void warnings.push(message),
      ...options,
    })

  it('is no error at the start, and is used as soon as it is there, with its index', async () => {
    await server.kill()
    const early = await open({ collection: 'early' })

    const { error, ms } = await timed(early.read('a'))
    await server.start()
    const recovered = await untilUp(early)
    const client = new MongoClient(server.url)
    const indexes = () => client.db('sails').collection('early').indexes()
    await expect
      .poll(async () => (await indexes().catch(() => [])).map(({ name }) => name), {
        timeout: 9_000,
      })
      .toContain('expires_1')
    await Promise.all([early.close(), client.close()])

    expect(error).toMatchObject({ ...down, cause: { message: expect.stringMatching(/./) } })
    expect(ms).toBeLessThan(atOnce)
    expect(recovered).toBeLessThan(recovery)
  })

  it('fails every verb at once while it is gone, and heals by itself', async () => {
    await server.kill()
    await timed(store.check())

    const times: number[] = []
    for (const [verb, run] of Object.entries(verbs)) {
      const { error, ms } = await timed(run(store))
      expect({ verb, error }).toMatchObject({ verb, error: down })
      times.push(ms)
    }
    await server.start()

    // Where the driver looks again whether it is back, one of them waits for what it finds.
    expect(Math.max(...times)).toBeLessThan(bound)
    expect(times.filter((ms) => ms >= atOnce).length).toBeLessThanOrEqual(1)

    expect(await untilUp(store)).toBeLessThan(recovery)
    expect(await store.swap('a', 'one', 'two', 60)).toBe('done')
  })

  it('fails every verb within the deadline while it hangs, and heals by itself', async () => {
    await sleep(storeTimeout * 1000)
    server.pause()

    const results = await Promise.all(Object.values(verbs).map((run) => timed(run(store))))
    const later = await timed(store.read('a'))
    await sleep(3_000)
    server.resume()
    const recovered = await untilUp(store)

    for (const { error, ms } of [...results, later]) {
      expect(error).toMatchObject(down)
      expect(ms).toBeLessThan(bound)
    }
    expect(later.ms).toBeLessThan(atOnce)
    expect(recovered).toBeLessThan(recovery)
  })

  it('is told of once when it goes and once when it is back', async () => {
    await server.kill()
    for (let n = 0; n < 5; n += 1) await timed(store.read('a'))
    await sleep(300)
    await server.start()
    await untilUp(store)

    const address = `localhost:${server.port}`
    expect(warnings).toEqual([
      expect.stringContaining(`${address} is away`),
      expect.stringContaining(`${address} is back`),
    ])
  })

  it('knows what is done when only the answer was lost', async () => {
    const line = await startCuttableLine(server.port)
    const far = await open({ host: '127.0.0.1', port: line.port as number, storeTimeout: 8 })
    const work = far.swap('a', 'one', 'two', 60)
    line.cutNextAnswer()
    const swapped = await work
    const making = far.create('new', '{}', 60)
    line.cutNextAnswer()
    const created = await making

    expect([swapped, created]).toEqual(['done', true])
    expect(await store.read('a')).toBe('two')
    expect(line.cuts()).toBe(2)
    await far.close()
    line.close()
  })

  it('bounds the app’s own client too, and leaves it open', async () => {
    const client = new MongoClient(server.url)
    await client.connect()
    const borrowed = await open({ client, db: 'sails' })
    expect(await borrowed.read('a')).toBe('one')
    await sleep(storeTimeout * 1000)

    server.pause()
    const hung = await timed(borrowed.read('a'))
    const later = await timed(borrowed.read('a'))
    server.resume()
    const recovered = await untilUp(borrowed)
    await borrowed.close()
    const afterwards = await client.db('sails').collection('sessions').countDocuments()
    await client.close()

    expect([hung.error, later.error]).toEqual([
      expect.objectContaining(down),
      expect.objectContaining(down),
    ])
    expect(hung.ms).toBeLessThan(bound)
    expect(later.ms).toBeLessThan(atOnce)
    expect(recovered).toBeLessThan(recovery)
    expect(afterwards).toBe(1)
  })

  it.each(['up', 'gone', 'hung'])(
    'keeps no process alive after close while it is %s',
    async (state) => {
      const source = (name: string) =>
        new URL(`../../../src/session/stores/${name}`, import.meta.url)
      const script = `
      import { createMongoStore } from '${source('mongo.ts')}'
      import { MongoStore } from '${source('mongo-store.ts')}'
      const store = await createMongoStore({
        port: ${server.port}, root: '/', storeTimeout: 0.2, warn() {},
      })
      await store.read('a').catch(() => {})
      const connect = MongoStore.create({ mongoUrl: '${server.url}/sails' })
      await new Promise((resolve) => connect.get('a', resolve))
      await connect.close()
      await store.close()
      console.log('closed')`
      if (state === 'gone') await server.kill()
      if (state === 'hung') server.pause()
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child.stdout, 'data').then(startWatch)

      const [code] = await once(child, 'exit')
      const ms = (await closed)()
      server.resume()

      expect(code).toBe(0)
      expect(ms).toBeLessThan(1_000)
    },
  )
})
