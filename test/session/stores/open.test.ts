import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type StoreSettings } from '../../../src/session/stores/open.ts'
import { describeRedis, startRedis } from '../../support/redis.ts'

const context = { root: import.meta.dirname, clock: Date.now, warn: console.warn }
const run = promisify(execFile)

describe('openStore', () => {
  it('opens the memory store, which says when it is full', async () => {
    const warnings: string[] = []
    const warn = (message: string) => warnings.push(message)
    const isUserless = (text: string) => text === '{}'
    const store = await openStore({ adapter: 'memory' }, { ...context, warn, isUserless })

    const big = 'x'.repeat(45 * 2 ** 20)
    for (const [id, text] of Object.entries({ ada: '[]', guest: '{}', b: big, c: big, d: big })) {
      await store.create(id, text, 60)
    }

    expect(store.name).toBe('memory')
    expect(warnings).toEqual([expect.stringContaining('256 MB')])
    expect(await store.read('guest')).toBeUndefined()
    await store.close()
  })

  it.each([
    ['reddis', 'E_ADAPTER_UNKNOWN', 'did you mean "redis"?'],
    ['Memory', 'E_ADAPTER_UNKNOWN', 'did you mean "memory"?'],
    ['constructor', 'E_ADAPTER_UNKNOWN', 'no session adapter "constructor"'],
  ])('has one clear error for %s', async (adapter, code, words) => {
    const error = await openStore({ adapter }, context).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code })
    expect(`${error} ${(error as { hint: string }).hint}`).toContain(words)
  })
})

describeRedis('openStore with redis', () => {
  it('hands over connection, prefix and hooks', async () => {
    const server = await startRedis()
    const settings: StoreSettings = {
      adapter: 'redis',
      connection: { url: server.url, prefix: 'opened:' },
      storeTimeout: 1,
    }

    const store = await openStore(settings, context)
    const plain = await openStore({ ...settings, connection: { url: server.url } }, context)
    await store.create('a', '{}', 60)

    expect(store.name).toBe('redis')
    expect(await store.read('a')).toBe('{}')
    expect(await plain.read('a')).toBeUndefined()
    await store.clear()
    await Promise.all([store.close(), plain.close()])
    await server.close()
  })
})

describe('an app where no driver is installed', () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'catamaran-no-driver-'))
    const from = new URL('../../../src/', import.meta.url).pathname
    const needed = [
      'builtin.ts',
      'errors.ts',
      'config/closest.ts',
      'session/store.ts',
      'session/deadlines.ts',
    ]
    for (const part of [...needed, 'session/stores']) {
      await cp(join(from, part), join(home, 'src', part), { recursive: true })
    }
    await writeFile(join(home, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rm(home, { recursive: true }))

  /** Opens a store in a process of its own, from a copy of our source that has no node_modules. */
  async function openAway(adapter: string): Promise<string> {
    const script = `
      import { openStore } from '${home}/src/session/stores/open.ts'
      const context = { root: '${home}', clock: Date.now, warn() {} }
      await openStore({ adapter: '${adapter}' }, context)
        .then((store) => console.log(store.name), (error) => console.log(error.code, error.message))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script])
    return stdout.trim()
  }

  async function putPackage(name: string, source: string): Promise<void> {
    await mkdir(join(home, 'node_modules', name), { recursive: true })
    await writeFile(join(home, 'node_modules', name, 'index.js'), source)
  }

  it('lifts on memory', async () => {
    expect(await openAway('memory')).toBe('memory')
  })

  it('is told what to install for redis', async () => {
    const said = await openAway('redis')

    expect(said).toMatch(/^E_ADAPTER_MISSING .*connect-redis.*npm install redis connect-redis$/)
  })

  it('is told what to install for mongo', async () => {
    const said = await openAway('mongo')

    expect(said).toMatch(/^E_ADAPTER_MISSING .*mongodb.*npm install mongodb connect-mongo$/)
  })

  it('is told so too when it has versions that do not fit', async () => {
    await putPackage('redis', 'module.exports = { createClient() {} }')
    await putPackage('connect-redis', 'module.exports = () => {}')

    expect(await openAway('redis')).toMatch(/^E_ADAPTER_MISSING /)
  })

  it('uses the drivers of its own folder first', async () => {
    await putPackage('connect-redis', 'throw new Error("the app’s own connect-redis")')

    const away = openStore({ adapter: 'redis' }, { ...context, root: home })

    await expect(away).rejects.toThrow('the app’s own connect-redis')
  })
})
