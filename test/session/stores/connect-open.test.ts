/** What an app may name as its store: class, factory, instance, module, or one of ours at heart. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ConnectFace } from '../../../src/session/stores/connect-face.ts'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'
import { MemoryStore } from '../../../src/session/stores/memory-store.ts'
import { openStore, type StoreSettings } from '../../../src/session/stores/open.ts'
import { SqliteStore } from '../../../src/session/stores/sqlite-store.ts'
import { createOtherStore } from './connect-store.ts'

const expressSession = createRequire(import.meta.url)('express-session')

async function open(settings: Partial<StoreSettings>, root: string = import.meta.dirname) {
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const store = await openStore({ adapter: 'memory', ...settings }, { root, clock: Date.now, warn })
  onTestFinished(() => store.close())
  return { store, warnings }
}

class Own {
  static made: unknown[] = []
  closed = 0
  constructor(options: unknown) {
    Own.made.push(options)
    Object.assign(this, createOtherStore(Date.now))
  }
  get() {}
  set() {}
  destroy() {}
  async close() {
    this.closed += 1
  }
}

async function appWith(name: string, files: Record<string, string>) {
  const root = await mkdtemp(join(tmpdir(), 'catamaran-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'node_modules', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(root, 'package.json'), '{}')
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  return root
}

describe('openStore with a Connect store', () => {
  it('000-10: takes an instance, says how far it is exact, and does not close it', async () => {
    const instance = new Own(undefined)
    const { store, warnings } = await open({ store: instance })

    await store.create('a', '{"n":1}', 60)
    expect([store.reach, await store.read('a')]).toEqual(['process', '{"n":1}'])
    expect(warnings).toEqual([
      'sessions are kept by Own: exact within one process, not among several',
    ])
    await store.close()
    expect(instance.closed).toBe(0)
  })

  it('000-10: makes a class with the connection, and closes what it made', async () => {
    let made: Own | undefined
    class Watched extends Own {
      constructor(options: unknown) {
        super(options)
        made = this
      }
    }
    const { store } = await open({ store: Watched, connection: { url: 'x://y' } })

    await store.close()
    await store.close()

    expect(Own.made.at(-1)).toMatchObject({ url: 'x://y' })
    expect(made?.closed).toBe(1)
  })

  it('P12: makes an outage of what the store complains of, but for a file that is missing', async () => {
    const complaint = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const say = (error: Error) => async () => Promise.reject(error)
    const { store } = await open({ store: { get: say(complaint), set() {}, destroy() {} } })
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    const { store: files } = await open({ store: { get: say(missing), set() {}, destroy() {} } })

    await expect(store.read('a')).rejects.toMatchObject({
      code: 'E_STORE_DOWN',
      status: 503,
      cause: complaint,
    })
    expect(await files.read('a')).toBeUndefined()
  })

  it('takes a factory that gives a store, or that takes express-session and gives a class', async () => {
    const given: unknown[] = []
    const factory = (session: unknown) => {
      given.push(session)
      return Own
    }

    const { store } = await open({ store: factory })
    const { store: other } = await open({ store: () => createOtherStore(Date.now) })

    expect(given).toEqual([expressSession])
    for (const made of [store, other]) expect(await made.create('a', '{}', 60)).toBe(true)
  })

  it('calls handleConstructingSessionStore with settings, adapter and express-session', async () => {
    const given: unknown[] = []
    const { store } = await open({
      adapter: 'memorystore',
      handleConstructingSessionStore(...all) {
        given.push(...all)
        return createOtherStore(Date.now)
      },
    })

    expect(await store.create('a', '{}', 60)).toBe(true)
    expect(given).toMatchObject([{ adapter: 'memorystore' }, expect.any(Function), {}])
    expect(given[2]).toBe(expressSession)
  })

  it('uses directly what is a store of ours, or carries one', async () => {
    const own = createMemoryStore({ clock: Date.now })

    expect((await open({ store: own })).store).toBe(own)
    expect((await open({ store: new ConnectFace(own) })).store).toBe(own)
  })

  it.each([
    ['MemoryStore', (_root: string) => new MemoryStore()],
    [
      'SqliteStore',
      (root: string) => new SqliteStore({ file: join(root, 'sessions.db'), storeTimeout: 20 }),
    ],
  ])('closes a store of ours that it made, and leaves an instance open: %s', async (_, make) => {
    const root = await appWith('nothing', {})
    const instance = make(root)
    const { store } = await open({ store: instance })
    const close = vi.fn(async () => {})
    const { store: made } = await open({ store: () => Object.assign(make(root), { close }) })

    await store.create('a', '{"n":1}', 60)
    await store.close()
    await made.close()

    expect(await instance.get('a')).toEqual({ n: 1 })
    expect(close).toHaveBeenCalledOnce()
    if ('close' in instance) await instance.close()
  })

  it('finds a module in the app’s folder first, then ours', async () => {
    const root = await appWith('memorystore', {
      'package.json': '{ "main": "x.cjs" }',
      'x.cjs': `module.exports = () => class Theirs {
        get(id, done) { done(null, { from: 'app' }) }
        set(id, session, done) { done() }
        destroy(id, done) { done() }
      }`,
    })

    const { store: theirs } = await open({ adapter: 'memorystore' }, root)
    const { store: ours } = await open({ adapter: 'memorystore' })

    expect(await theirs.read('a')).toBe('{"from":"app"}')
    expect(await ours.read('a')).toBeUndefined()
    expect(ours.name).toBe('memorystore')
  })

  it('finds the class among the exports of an ES module', async () => {
    const root = await appWith('own-store', {
      'package.json': '{ "type": "module", "exports": "./x.js" }',
      'x.js': `export const version = 1
        export class FileStore {
          get(id, done) { done(null, { n: 1 }) }
          set(id, session, done) { done() }
          destroy(id, done) { done() }
        }`,
    })

    const { store } = await open({ adapter: 'own-store' }, root)

    expect(await store.read('a')).toBe('{"n":1}')
  })

  it.each([
    [{ store: {} }, 'E_STORE_OPTIONS'],
    [{ store: () => 5 }, 'E_STORE_OPTIONS'],
    [{ adapter: 'cosmiconfig' }, 'E_STORE_OPTIONS'],
    [{ adapter: 'no-such-store' }, 'E_ADAPTER_UNKNOWN'],
  ] as const)('refuses %j with %s', async (settings, code) => {
    await expect(open(settings)).rejects.toMatchObject({ code })
  })
})
