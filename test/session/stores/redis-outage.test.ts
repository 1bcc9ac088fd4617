import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { beforeEach, expect, it, vi } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { createRedisStore, type RedisStoreOptions } from '../../../src/session/stores/redis.ts'
import { startCuttableLine } from '../../support/cuttable-line.ts'
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
import { describeOwnRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { startWatch } from '../../support/stopwatch.ts'

describeOwnRedis('a redis that fails', () => {
  let server: TestRedis
  let store: SessionStore
  let warnings: string[]
  let calls: string[]

  beforeEach(async () => {
    server = await startRedis({ own: true })
    warnings = []
    calls = []
    store = await open()
    await untilUp(store)
    await vi.waitFor(() => store.create('a', 'one', 60), { timeout: 15_000 })
    return async () => {
      await store.close()
      await server.close()
    }
  })

  function open(options: Partial<RedisStoreOptions> = {}): Promise<SessionStore> {
    return createRedisStore({
      host: server.host,
      port: server.port,
      root: import.meta.dirname,
      storeTimeout,
      warn: (message) => warnings.push(message),
      onDisconnect: (error) => calls.push(`away: ${error.message}`),
      onReconnect: () => calls.push('back'),
      ...options,
    })
  }

  it('is no error at the start, and is used as soon as it is there', async () => {
    await server.kill()
    const early = await open()

    const { error, ms } = await timed(early.read('a'))
    await server.start()
    const recovered = await untilUp(early)
    await early.close()

    expect(error).toMatchObject({ ...down, cause: { message: /ECONNREFUSED/ } })
    expect(ms).toBeLessThan(atOnce)
    expect(recovered).toBeLessThan(recovery)
  })

  it('fails every verb at once while it is gone, and heals by itself', async () => {
    await server.kill()
    await timed(store.check())

    for (const [verb, run] of Object.entries(verbs)) {
      const { error, ms } = await timed(run(store))
      expect({ verb, error }).toMatchObject({ verb, error: down })
      expect(ms).toBeLessThan(atOnce)
    }
    await server.start()

    expect(await untilUp(store)).toBeLessThan(recovery)
    expect(await store.create('a', 'again', 60)).toBe(true)
  })

  it('fails every verb within the deadline while it hangs, and heals by itself', async () => {
    server.pause()

    const results = await Promise.all(Object.values(verbs).map((run) => timed(run(store))))
    const later = await timed(store.read('a'))
    await sleep(1_000)
    server.resume()
    const recovered = await untilUp(store)

    for (const { error, ms } of [...results, later]) {
      expect(error).toMatchObject(down)
      expect(ms).toBeLessThan(bound)
    }
    expect(later.ms).toBeLessThan(atOnce)
    expect(recovered).toBeLessThan(recovery)
  })

  it('hangs through several attempts to connect anew, and is back within two seconds', async () => {
    server.pause()
    await timed(store.read('a'))
    await sleep(4_000)

    server.resume()

    expect(await untilUp(store)).toBeLessThan(recovery)
  })

  it('is told of once when it goes and once when it is back', async () => {
    await server.kill()
    for (let n = 0; n < 5; n += 1) await timed(store.read('a'))
    await sleep(300)
    await server.start()
    await untilUp(store)

    const address = `${server.host}:${server.port}`
    expect(warnings).toEqual([
      expect.stringContaining(`${address} is away`),
      expect.stringContaining(`${address} is back`),
    ])
    expect(calls).toEqual([expect.stringMatching(/^away: ./), 'back'])
  })

  it('bears hooks of the app that throw', async () => {
    const fail = () => {
      throw new Error('hook broke')
    }
    const hooked = await open({ onDisconnect: fail, onReconnect: async () => fail() })

    await server.restart()
    await untilUp(hooked)
    await hooked.close()

    expect(warnings.filter((message) => message.includes('hook broke'))).toHaveLength(2)
  })

  it('finishes a command whose connection broke under it, when it is back in time', async () => {
    const patient = await open({ storeTimeout: 5 })
    server.pause()
    const cut = Promise.all([patient.read('a'), patient.swap('a', 'one', 'two', 60)])
    await server.kill()
    await server.start()

    // The new server is empty: an answer, not an error.
    expect(await cut).toEqual([undefined, { text: undefined }])
    await patient.close()
  })

  it('knows what is done when only the answer was lost', async () => {
    const line = await startCuttableLine(server.port)
    const far = await open({ port: line.port, storeTimeout: 5 })

    line.cutNextAnswer()
    const swapped = await far.swap('a', 'one', 'two', 60)
    line.cutNextAnswer()
    const created = await far.create('new', '{}', 60)

    expect([swapped, created]).toEqual(['done', true])
    expect(await store.read('a')).toBe('two')
    expect(line.cuts()).toBe(2)
    await far.close()
    line.close()
  })

  it('is not blamed when this process itself was busy', async () => {
    const reading = store.read('a')
    await new Promise(setImmediate)
    const until = performance.now() + storeTimeout * 1000 + 100
    while (performance.now() < until);

    expect(await reading).toBe('one')
    expect(warnings).toEqual([])
  })

  it('bounds the app’s own client too, and fails fast while that is offline', async () => {
    const client = createClient({ url: server.url })
    client.on('error', () => {})
    await client.connect()
    const said: string[] = []
    const borrowed = await open({ client, warn: (message) => said.push(message) })
    server.pause()
    const hung = await timed(borrowed.read('a'))
    server.resume()
    const recovered = await untilUp(borrowed)

    await server.kill()
    await vi.waitFor(() => expect(client.isReady).toBe(false))
    const offline = await timed(borrowed.read('a'))
    await server.start()
    const back = await untilUp(borrowed)

    expect(hung.error).toMatchObject(down)
    expect(hung.ms).toBeLessThan(bound)
    expect(offline.error).toMatchObject(down)
    expect(offline.ms).toBeLessThan(atOnce)
    expect(Math.max(recovered, back)).toBeLessThan(recovery)
    expect(said.map((line) => / is (\w+)/.exec(line)?.[1])).toEqual([
      'away',
      'back',
      'away',
      'back',
    ])
    await borrowed.close()
    client.destroy()
  })

  it.each(['up', 'gone', 'hung'])(
    'keeps no process alive after close while it is %s',
    async (state) => {
      const script = `
      import { createRedisStore } from '${new URL('../../../src/session/stores/redis.ts', import.meta.url)}'
      const store = await createRedisStore({
        port: ${server.port}, root: '/', storeTimeout: 0.2, warn() {},
      })
      await store.read('a').catch(() => {})
      await store.close()
      console.log('closed')`
      if (state === 'gone') await server.kill()
      if (state === 'hung') server.pause()
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
      const closed = once(child.stdout, 'data').then(startWatch)

      const [code] = await once(child, 'exit')
      const ms = (await closed)()
      server.resume()

      expect(code).toBe(0)
      expect(ms).toBeLessThan(500)
    },
  )
})
