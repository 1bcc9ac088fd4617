/**
 * `catamaran sessions copy` from one kind of store to another, as a process that may be killed.
 */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../src/cli/program.ts'
import { createTerminal } from '../../src/cli/terminal.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { keyOf } from '../../src/session/stores/hashed.ts'
import { openStore } from '../../src/session/stores/open.ts'
import { appFolder } from '../support/app-folder.ts'
import { startMongo } from '../support/mongo/server.ts'
import { describeOwnRedis, describeRedis, startRedis } from '../support/redis.ts'
import { ended, run, runHere, start } from './run.ts'

const textOf = (n: number) => `{"cookie":{"path":"/"},"n":${n}}`

/** An app's folder, and a way to open a store as the command does. */
async function appWith(session: object) {
  const secret = 'a secret of thirty-two characters'
  const config = `export const session = ${JSON.stringify({ secret, ...session })}`
  const cwd = await appFolder({ 'config/session.mjs': config })
  async function open(adapter: string, settings: object): Promise<SessionStore> {
    const context = { root: cwd, clock: Date.now, warn() {} }
    const store = await openStore({ adapter, storeTimeout: 20, ...settings }, context)
    onTestFinished(() => store.close())
    return store
  }
  return { cwd, open }
}

async function fill(store: SessionStore, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, n) => store.create(`id${n}`, textOf(n), 1000))
  await Promise.all(all)
}

async function numbersIn(store: SessionStore): Promise<number[]> {
  const numbers: number[] = []
  for await (const id of store.list()) numbers.push(JSON.parse((await store.read(id)) ?? '{}').n)
  return numbers.sort(ascending)
}

const ascending = (one: number, other: number) => one - other
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

/** So many that it is killed long before it has moved them all. */
const total = 2_500

describeOwnRedis('catamaran sessions copy that is killed', () => {
  it('goes on when it is run again: all are there once, and what the app did meanwhile stays', async () => {
    const redis = await startRedis({ own: true })
    onTestFinished(() => redis.close())
    const { cwd, open } = await appWith({ adapter: 'redis', port: redis.port })
    const from = await open('sqlite', { file: 'old.db' })
    const to = await open('redis', { connection: { port: redis.port, host: redis.host } })
    await fill(from, total)
    const words = ['sessions', 'copy', '--from', 'sqlite:old.db', '--to', 'redis']
    const raw = await createClient({ url: redis.url }).connect()
    onTestFinished(() => raw.destroy())

    const first = start(words, { cwd })
    const end = ended(first)
    while ((await raw.dbSize()) < 100) expect(first.exitCode).toBeNull()
    first.kill('SIGKILL')
    const killed = await end
    const changed = await changeAll(to)
    const second = await run([...words, '--json'], { cwd })
    const third = await runHere([...words, '--json'], cwd)

    expect(killed).toEqual({ code: null, out: '', err: '' })
    expect(changed.length).toBeLessThan(total)
    expect(second).toMatchObject({ code: 0, err: '' })
    // One that was created in the moment of the end may not have been seen by `changeAll`.
    const { moved, unreadable } = JSON.parse(second.out)
    expect([moved > 0, moved <= total - changed.length, unreadable]).toEqual([true, true, 0])
    expect(JSON.parse(third.out)).toMatchObject({ moved: 0, unreadable: 0 })
    const left = upTo(total).filter((n) => !changed.includes(n))
    expect(await numbersIn(to)).toEqual([...left, ...changed.map((n) => total + n)])
  })
})

/** Changes all sessions as an app does, by adding `total` to their numbers; gives those they had. */
async function changeAll(store: SessionStore): Promise<number[]> {
  const changed: number[] = []
  for await (const id of store.list()) {
    const before = (await store.read(id)) ?? ''
    const { n } = JSON.parse(before)
    await store.swap(id, before, textOf(total + n), 1000)
    changed.push(n)
  }
  return changed.sort(ascending)
}

describeRedis('catamaran sessions copy', () => {
  it('moves from redis to mongo, from plain ids to hashed ones, and back no more', async () => {
    const [redis, mongo] = await Promise.all([startRedis(), startMongo()])
    onTestFinished(async () => void (await Promise.all([redis.close(), mongo.close()])))
    const name = `copy${process.pid}`
    const previous = { adapter: 'redis', url: redis.url, prefix: `${name}:` }
    const session = { adapter: 'mongo', url: `${mongo.url}/${name}`, hashIds: true, previous }
    const { cwd, open } = await appWith(session)
    const from = await open('redis', { connection: { url: redis.url, prefix: `${name}:` } })
    const to = await open('mongo', { connection: { url: mongo.url, db: name } })
    await fill(from, 50)

    const copied = await run(['sessions', 'copy', '--json'], { cwd })
    const back = await run(['sessions', 'copy', '--from', 'session', '--to', 'previous'], { cwd })

    expect(copied).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(copied.out)).toMatchObject({ moved: 50, there: 0, gone: 0, unreadable: 0 })
    expect(await numbersIn(to)).toEqual(upTo(50))
    expect(JSON.parse((await to.read(keyOf('id7'))) ?? '')).toMatchObject({ n: 7 })
    expect(await to.secondsLeft?.(keyOf('id7'))).toBeGreaterThan(900)
    expect(back).toMatchObject({ code: 1, out: '' })
    await Promise.all([from.clear(), to.clear()])
  })
})

describe('the progress of catamaran sessions copy', () => {
  it('stands on a line of the terminal beside what it prints, and goes away at its end', async () => {
    const { cwd, open } = await appWith({ adapter: 'sqlite', file: 'new.db' })
    await fill(await open('sqlite', { file: 'old.db' }), 1_200)
    const stdout = new PassThrough()
    const stderr = Object.assign(new PassThrough(), { isTTY: true })
    const owner = { cwd: () => cwd, env: {}, stdout, stderr }

    const terminal = createTerminal(owner as unknown as NodeJS.Process)
    const code = await runCommand(['sessions', 'copy', '--from', 'sqlite:old.db'], terminal)

    stdout.end()
    stderr.end()
    const lines = (await text(stderr)).split('\r\u001B[K')

    expect(code).toBe(0)
    expect(await text(stdout)).toMatch(/^1200 sessions moved, in .* s\.\n$/)
    expect(lines.slice(0, 2)).toEqual(['', '1 of 1,200'])
    expect(lines.at(-1)).toBe('')
  })
})
