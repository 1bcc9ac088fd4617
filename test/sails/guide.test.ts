/** The steps of docs/from-sails.md, taken in a real Sails app one after the other. */
import { readdirSync } from 'node:fs'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Lifted, lifted, root, run, start } from '../cli/run.ts'
import { blocksOf } from '../docs/blocks.ts'
import type { Balancer } from '../support/balancer.ts'
import { hasHaproxy, startHaproxy } from '../support/haproxy.ts'
import { freePort } from '../support/programs.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { copyApp, describeSails, liftSails, type RunningSails } from './sails.ts'

const page = 'docs/from-sails.md'
const blocks = blocksOf(page, await readFile(join(root, page), 'utf8'))

describeSails('the way from Sails, step by step', () => {
  let redis: TestRedis
  let app: string
  let sails: RunningSails | undefined
  let ours: Lifted | undefined
  let balancer: Balancer | undefined
  let cookie = ''

  beforeAll(async () => {
    redis = await startRedis()
    app = await copyApp()
  })
  afterAll(async () => {
    await balancer?.close()
    await ours?.[Symbol.asyncDispose]()
    await sails?.close()
    await redis?.close()
    await rm(app, { recursive: true, force: true })
  })

  const lift = async (port: number) => {
    ours = await lifted(start(['lift', `--port=${port}`], { cwd: app }))
    return ours.url
  }
  const ask = async (url: string, method = 'GET', data?: object) => {
    const headers = { cookie, 'Content-Type': 'application/json', Accept: 'application/json' }
    const body = data && JSON.stringify(data)
    const answer = await fetch(url, { method, headers, ...(body && { body }) })
    const { status, headers: got } = answer
    const by = got.get('x-powered-by') ? 'Sails' : 'Catamaran'
    return { status, by, body: await answer.json(), line: got.getSetCookie()[0] ?? '' }
  }

  it('1: Catamaran stands beside Sails, and lists the routes of the app', async () => {
    await symlink(root, join(app, 'node_modules', 'catamaran'))

    const { code, out, err } = await run(['routes'], { cwd: app })

    expect([code, err.includes('error')]).toEqual([0, false])
    expect(out).toMatch(/^PUT +\/login +user\/login$/m)
    expect(out).toMatch(/^PATCH +\/account\/name +account\/rename$/m)
  })

  it('2: both read the same two keys for Redis', async () => {
    const file = join(app, 'config', 'session.js')
    const text = await readFile(file, 'utf8')
    const set = text.replace(/\/\/ (adapter: '@sailshq\/connect-redis',)/, '$1')
    await writeFile(file, set.replace(/\/\/ url: '[^']+'/, `url: '${redis.url}'`))

    const { out } = await run(['config'], { cwd: app })

    expect(out).toMatch(/session\.adapter +'redis' +.*config\/session\.js/)
  })

  it('3, 4: lifted on another port, it knows who has logged in at Sails', async () => {
    sails = await liftSails({}, app)
    const port = await freePort()
    const url = await lift(port)
    const login = await ask(`${sails.url}/login`, 'PUT', { name: 'ada' })
    cookie = login.line.split(';')[0] ?? ''

    expect((await ask(`${url}/me`)).body).toMatchObject({ userId: 1 })
    expect((await ask(`${url}/counter`)).body).toEqual({ count: 1 })
    expect((await ask(`${sails.url}/counter`)).body).toEqual({ count: 2 })
  })

  it.skipIf(!hasHaproxy)('5: the traffic moves, nobody notices', { timeout: 60_000 }, async () => {
    const given = blocks.find(({ language }) => language === 'haproxy')?.code ?? ''
    const ports = [sails, ours].map((one) => new URL(one?.url ?? '').port)
    const configuration = given.replace(':1337', `:${ports[0]}`).replace(':1338', `:${ports[1]}`)
    balancer = await startHaproxy(configuration)
    const seen: { status: number; by: string; body: unknown }[] = []
    const count = async () => seen.push(await ask(`${balancer?.url}/counter`))

    for (let asked = 0; asked < 20; asked += 1) await count()
    await sails?.close()
    sails = undefined
    for (let asked = 0; asked < 10; asked += 1) await count()

    expect(seen.map(({ status }) => status)).toEqual(Array(30).fill(200))
    expect(seen.map(({ body }) => body)).toEqual(seen.map((_, at) => ({ count: at + 3 })))
    expect(new Set(seen.slice(0, 20).map(({ by }) => by))).toEqual(new Set(['Sails', 'Catamaran']))
    expect(new Set(seen.slice(20).map(({ by }) => by))).toEqual(new Set(['Catamaran']))
  })

  it('6: without the packages of Sails the app lifts, and everybody is still there', async () => {
    const gone = blocks.find(({ code }) => code.startsWith('npm uninstall'))?.code ?? ''
    await sails?.close()
    await ours?.[Symbol.asyncDispose]()
    // Whatever came with them goes, too.
    for (const name of readdirSync(join(app, 'node_modules'))) {
      if (name !== 'catamaran') await rm(join(app, 'node_modules', name))
    }
    await rm(join(app, '.sailsrc'))

    const url = await lift(await freePort())

    expect(gone).toContain(' sails ')
    expect(ours?.banner).toMatch(/store +redis/)
    expect((await ask(`${url}/me`)).body).toMatchObject({ userId: 1 })
  })
})
