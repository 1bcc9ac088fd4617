/** Seed 000, Sails 0.x's page of sails.config.session: what holds with any store. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planApp, writeApp } from '../../src/cli/scaffold.ts'
import { appFolder } from '../support/app-folder.ts'
import { idIn, liftSails, sailsFolder, secret } from './seed-ground.ts'

const plain = `secret: '${secret}', key: 'sails.sid'`

describe('seed 000: sails.config.session', () => {
  it('000-01: is what config/session exports', async () => {
    const { app } = await liftSails(plain)

    expect(app.config.session).toMatchObject({ secret, key: 'sails.sid' })
    expect(Reflect.get(globalThis, 'sails').config.session).toBe(app.config.session)
  })

  it('000-02: serves one store to both transports', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.post('/login')
    const seen = await visitor.emit('GET /me')
    await visitor.emit('POST /set', { me: 'set by the socket' })

    expect(seen.body).toMatchObject({ userId: 7 })
    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7, me: 'set by the socket' })
  })

  it('000-03: reads the same cookie, by the same secret and key, on both', async () => {
    const app = await liftSails(plain)
    const visitor = app.browser()
    await visitor.post('/login')

    const [http, socket] = [await visitor.get('/me'), await visitor.emit('GET /me')]

    expect(http.body).toMatchObject({ id: idIn(visitor.cookie()) })
    expect(socket.body).toMatchObject({ id: idIn(visitor.cookie()) })
  })

  it('000-04: gives actions the same req.session over Socket.IO as in Express', async () => {
    const visitor = (await liftSails(plain)).browser()

    const login = await visitor.emit('POST /login')

    expect(login).toMatchObject({ statusCode: 200, body: { id: 7, name: 'ada' } })
    expect((await visitor.emit('GET /me')).body).toMatchObject({ userId: 7 })
  })

  it('000-05: saves it by itself, over Socket.IO as with Express', async () => {
    const visitor = (await liftSails(plain)).browser()

    await visitor.emit('POST /set', { me: 'first' })
    const first = await visitor.get('/me')
    await visitor.post('/set', { me: 'second' })
    const second = await visitor.emit('GET /me')

    expect(first.body).toMatchObject({ me: 'first' })
    expect(second.body).toMatchObject({ me: 'second' })
  })

  it('000-06: has a secret that was made when the app was', async () => {
    const folder = await appFolder({})
    for (const name of ['one', 'two']) writeApp(planApp(name, folder), '*')

    const texts = await Promise.all(
      ['one', 'two'].map((name) => readFile(join(folder, name, '.env'), 'utf8')),
    )

    for (const text of texts) expect(text).toMatch(/^SESSION_SECRET=[0-9a-f]{64}$/m)
    expect(texts[0]).not.toBe(texts[1])
  })

  it('000-07: with another secret logs everyone out, and with both nobody', async () => {
    const root = await sailsFolder(`adapter: 'sqlite', secret: process.env.SEED_SECRET`)
    const withSecret = (value: unknown) =>
      sailsFolder(
        `adapter: 'sqlite', file: '${join(root, 'sessions.db')}', secret: ${JSON.stringify(value)}`,
      )
    const [old, other] = [secret, `${secret} replaced`]
    const before = await liftSails('', { root: await withSecret(old) })
    const visitor = before.browser()
    await visitor.post('/login')
    const headers = { Cookie: visitor.cookie() }
    await before.close()

    const replaced = await liftSails('', { root: await withSecret(other) })
    const both = await liftSails('', { root: await withSecret([other, old]) })

    expect((await replaced.browser().get('/me', headers)).body).not.toHaveProperty('userId')
    expect((await both.browser().get('/me', headers)).body).toMatchObject({ userId: 7 })
  })

  it('000-08: names its cookie sails.sid', async () => {
    const visitor = (await liftSails(`secret: '${secret}'`)).browser()

    await visitor.post('/login')

    expect(visitor.cookie()).toMatch(/^sails\.sid=s%3A/)
  })

  it('000-09: with a key for each instance keeps their sessions apart', async () => {
    const [one, two] = await Promise.all(
      ['one.sid', 'two.sid'].map((key) => liftSails(`secret: '${secret}', key: '${key}'`)),
    )
    const [ada, eve] = [one?.browser(), two?.browser()]
    await Promise.all([ada?.post('/login'), eve?.post('/set', { me: 'eve' })])
    const headers = { Cookie: `${ada?.cookie()}; ${eve?.cookie()}` }

    const seen = await Promise.all([one, two].map((app) => app?.browser().get('/me', headers)))

    expect(seen[0]?.body).toMatchObject({ userId: 7 })
    expect(seen[1]?.body).toMatchObject({ me: 'eve' })
    expect(seen[1]?.body).not.toHaveProperty('userId')
  })
})
