/** fromModeler: a Connect store over real modeler collections; the adapter on it. */
import { describe, expect, it } from 'vitest'
import { sess } from '../../../src/compat/sess.ts'
import { fromModeler } from '../../../src/session/stores/modeler.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { idIn } from '../../compat/seed-ground.ts'
import { idsOf } from '../../compat/sess-ground.ts'
import { spaced, without } from '../../support/contract.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { startServer } from '../wire.ts'
import { behaves } from './modeler-behaves.ts'
import { memoryCollection, openAdapter, rowOf, saveRow, sessionOf } from './modeler-ground.ts'

storeContract('modeler', () => openAdapter(memoryCollection()), without(spaced))

describe('fromModeler over memory', () => behaves(async () => memoryCollection()))

it('says of a collection without list() that it can not be walked over', async () => {
  const store = fromModeler({ ...memoryCollection(), list: undefined } as never)
  await store.set('a', sessionOf({ n: 1 }))

  expect(await store.get('a')).toMatchObject({ n: 1 })
  await expect(store.length()).rejects.toThrow(/has no list\(\)/)
})

it.each([{}, null, { load() {} }])('refuses what is no collection: %j', (given) => {
  expect(() => fromModeler(given as never)).toThrow(/has no/)
})

describe('adapter: { modeler: collection }', () => {
  const view = `export default {
    'GET /': (req) => req.session.update((session) => { session.n = (session.n ?? 0) + 1 }).then(() => ({ n: req.session.n })),
  }`

  it('keeps the sessions of an app in a collection, over both transports, nothing lost', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const browser = (await liftFiles(files, { session: { adapter: { modeler } } })).browser()

    await browser.get('/')
    await Promise.all(Array.from({ length: 20 }, () => browser.get('/')))

    expect((await browser.emit('GET /')).body).toEqual({ n: 22 })
    expect(await fromModeler(modeler).all()).toMatchObject([{ n: 22 }])
  })

  it('shares flat rows with sess, both ways', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const adapter = { modeler, flat: true }
    const browser = (await liftFiles(files, { session: { adapter } })).browser()
    await browser.get('/')
    const [id = ''] = (await fromModeler(modeler).ids()) ?? []
    const middleware = sess({ sessions: modeler })
    const { url } = await startServer((req, res) =>
      middleware(req, res, () => {
        const { session } = req as unknown as { session: { n: number } }
        session.n += 100
        res.end(`${session.n}`)
      }),
    )

    const page = await fetch(url, { headers: { cookie: `sess=${id}` } })

    expect(await page.text()).toBe('101')
    expect((await browser.get('/')).body).toEqual({ n: 102 })
  })

  it('lets a visitor in whose row can not be read', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const browser = (await liftFiles(files, { session: { adapter: { modeler } } })).browser()
    await browser.get('/')
    const [session] = (await fromModeler(modeler).all()) ?? []
    await saveRow(modeler, {
      ...(await rowOf(modeler, session?.['id'] as string)),
      session: '{',
    } as never)

    expect(await browser.get('/')).toMatchObject({ status: 200, body: { n: 1 } })
  })

  it('is left for another store and logs nobody out: as `previous`', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const before = (await liftFiles(files, { session: { adapter: { modeler } } })).browser()
    await before.get('/')
    const session = { adapter: 'memory', previous: { adapter: { modeler } } }
    const after = (await liftFiles(files, { session })).browser()

    expect((await after.get('/', { cookie: before.cookie() })).body).toEqual({ n: 2 })
    expect(await fromModeler(modeler).get(idIn(before.cookie()))).not.toHaveProperty('n')
    expect((await after.get('/', { cookie: before.cookie() })).body).toEqual({ n: 3 })
  })

  it('keeps neither ids nor data readable where that is asked', async () => {
    const modeler = memoryCollection()
    const adapter = { modeler }
    const files = { 'config/routes.js': view }
    const session = { adapter, hashIds: true, encrypt: true }
    const browser = (await liftFiles(files, { session })).browser()
    await browser.get('/')

    const ids = await idsOf(modeler)
    const rows = await Promise.all(ids.map((id) => rowOf(modeler, id)))

    expect(ids).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(idIn(browser.cookie()))
    expect(JSON.stringify(rows)).not.toContain('"n')
    expect((await browser.get('/')).body).toEqual({ n: 2 })
  })

  it('ends a session in the collection by destroy(), on either door', async () => {
    const modeler = memoryCollection()
    const out = "'GET /out': async (req) => { await req.session.destroy(); return {} },"
    const files = { 'config/routes.js': view.replace('{', `{ ${out}`) }
    const app = await liftFiles(files, { session: { adapter: { modeler } } })
    const [ada, eve] = [app.browser(), app.browser()]
    for (const browser of [ada, eve]) await browser.get('/')

    await ada.get('/out')
    await eve.emit('GET /out')

    expect(await idsOf(modeler)).toEqual([])
  })

  it('does not lift on a client that modeler-redis can not use', async () => {
    const options = { client: { get() {}, set() {} } }
    const modeler = { ...memoryCollection(), options }

    const lift = liftFiles({ 'config/routes.js': view }, { session: { adapter: { modeler } } })

    await expect(lift).rejects.toThrow(/redis 0\.8 to 3/)
  })
})
