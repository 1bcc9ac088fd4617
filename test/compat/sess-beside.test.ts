/**
 * A real sess 0.1.4 gives what the cases say of it, and shares its rows with ours.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sess } from '../../src/compat/sess.ts'
import { fromModeler } from '../../src/session/stores/modeler.ts'
import { memoryCollection, plain, redisCollection } from '../session/stores/modeler-ground.ts'
import { hasPackages } from '../support/fixture-packages.ts'
import { describeRedis, startRedis } from '../support/redis.ts'
import { answerCases, chainCases, oddCases } from './sess-answer-cases.ts'
import { cookieCases, optionCases } from './sess-cookie-cases.ts'
import { count, startSess } from './sess-ground.ts'
import type { Sess, SessCase } from './sess-play.ts'
import { errorCases, hostCases, savingCases } from './sess-saving-cases.ts'
import { methodCases, sessionCases } from './sess-session-cases.ts'

const here = join(import.meta.dirname, '..', 'fixtures', 'real-sess')
const real = hasPackages('real-sess', 'sess')
  ? (createRequire(join(here, 'index.js'))('sess') as Sess)
  : undefined

describe.runIf(real)('beside a real sess 0.1.4', () => {
  const made: Sess = (options) => (real as Sess)(options)
  const cases: readonly SessCase[] = [
    ...optionCases,
    ...cookieCases,
    ...sessionCases,
    ...methodCases,
    ...savingCases,
    ...errorCases,
    ...hostCases,
    ...oddCases,
    ...answerCases,
    ...chainCases,
  ]

  it.each(cases)('it is as recorded: $does', async ({ play, gives, once }) => {
    expect(await play(made)).toEqual(once ?? gives)
  })

  it('sessions go forth and back on one collection, nothing lost', async () => {
    const sessions = memoryCollection()
    const [old, young] = [
      await startSess(count, made({ sessions })),
      await startSess(count, sess({ sessions })),
    ]
    const visitor = old.browser()
    const seen = [(await visitor()).body]
    for (const app of [young, old, young, old]) {
      const there = Object.assign(app.browser(), { cookie: visitor.cookie })
      seen.push((await there()).body)
    }

    expect(seen).toEqual(['1', '2', '3', '4', '5'])
  })

  it('a session that either destroys is gone for the other', async () => {
    const sessions = memoryCollection()
    const makes: Sess[] = [made, sess]
    const act: typeof count = (req, res) =>
      req.url === '/out' ? req.session.destroy(() => res.end()) : count(req, res)
    const seen: string[] = []
    for (const [from, to] of [makes, makes.toReversed()]) {
      const one = await startSess(act, from?.({ sessions }))
      const other = await startSess(act, to?.({ sessions }))
      const visitor = one.browser()
      await visitor()
      const there = Object.assign(other.browser(), { cookie: visitor.cookie })
      seen.push((await there()).body)
      await visitor('/out')
      seen.push((await there()).body)
    }

    expect(seen).toEqual(['2', '1', '2', '1'])
  })

  it('a store of flat rows reads what it has written, and the other way round', async () => {
    const sessions = memoryCollection()
    const store = fromModeler(sessions, { flat: true })
    const visitor = (await startSess(count, made({ sessions }))).browser()
    await visitor()
    const id = visitor.cookie.slice('sess='.length)

    const session = await store.get(id)
    expect(session).toMatchObject({ views: 1 })
    await store.set(id, { ...session, cookie: plain, views: 5 })

    expect((await visitor()).body).toBe('6')
    expect(await store.get(id)).toMatchObject({ views: 6 })
  })

  it('a store of texts takes up the sessions it has left', async () => {
    const sessions = memoryCollection()
    const visitor = (await startSess(count, made({ sessions }))).browser()
    await visitor()

    const session = await fromModeler(sessions).get(visitor.cookie.slice('sess='.length))

    expect(session).toEqual({ cookie: plain, views: 1 })
  })
})

describeRedis('beside a real sess 0.1.4, on one Redis', () => {
  it.runIf(real)('sessions go forth and back by modeler-redis, Dates as Dates', async () => {
    const server = await startRedis()
    const sides = [redisCollection(server, 'beside:'), redisCollection(server, 'beside:')]
    const [theirs, ours] = sides.map(({ collection }) => collection)
    const act: typeof count = (req, res) => {
      req.session['since'] ??= new Date(5)
      res.write(`${req.session['since'] instanceof Date} `)
      count(req, res)
    }
    const old = await startSess(act, real?.({ sessions: theirs as never }))
    const young = await startSess(act, sess({ sessions: ours as never }))
    const visitor = old.browser()
    const seen: string[] = []
    for (const app of [old, young, old, young]) {
      const there = Object.assign(app.browser(), { cookie: visitor.cookie })
      seen.push((await there()).body)
      if (there.cookie) visitor.cookie = there.cookie
    }
    for (const { close } of sides) close()
    await server.close()

    expect(seen).toEqual(['true 1', 'true 2', 'true 3', 'true 4'])
  })
})
