/**
 * P12 on a sqlite file that takes no writes, because it cannot grow or is not ours to write: what visitors
 * of an app see.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from 'express'
import { describe, expect, it, vi } from 'vitest'
import type { TestApp } from '../../../src/testing/app.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { expectKept, recovery, traffic, watchProcess } from '../../support/traffic.ts'
import { fillDisk, makeReadOnly, mountDisk } from './sqlite-disk.ts'
import { createSqliteGround } from './sqlite-ground.ts'

const routes = {
  'POST /note': (req: Request) => {
    req.session.userId = req.body.user
    // One page of the file, nearly.
    req.session.note = 'x'.repeat(3_000)
    return {}
  },
  'GET /me': (req: Request) => ({ userId: req.session.userId ?? null }),
}

interface Visitor {
  readonly user: string
  readonly browser: ReturnType<TestApp['browser']>
  readonly door: 'http' | 'socket'
}

/** What a visitor hears who writes. */
async function write({ user, browser, door }: Visitor) {
  if (door === 'http') {
    const { status, headers } = await browser.post('/note', { user })
    return { status, retryAfter: headers.get('retry-after') }
  }
  const { statusCode, headers } = await browser.emit('POST /note', { user })
  return { status: statusCode, retryAfter: headers['retry-after'] }
}

/** Visitors who write, some at a time, by the status each of them heard. */
async function writeAll(visitors: readonly Visitor[]) {
  const answers: Awaited<ReturnType<typeof write>>[] = []
  for (let at = 0; at < visitors.length; at += 8) {
    answers.push(...(await Promise.all(visitors.slice(at, at + 8).map(write))))
  }
  const heard = (wanted: number) => visitors.filter((_, n) => answers[n]?.status === wanted)
  return { answers, stored: heard(200), refused: heard(503) }
}

async function expectThere(visitors: readonly Visitor[]) {
  for (const { user, browser } of visitors) {
    expect(await browser.get('/me')).toMatchObject({ status: 200, body: { userId: user } })
    expect(await browser.emit('GET /me')).toMatchObject({ body: { userId: user } })
  }
}

describe('P12: an app on a sqlite file that cannot grow', () => {
  it('says 503 to who writes, serves who reads, loses nothing, and goes on when there is room', async () => {
    const store = (await createSqliteGround()).open({ maxPages: 60 })
    const ballast = Array.from({ length: 30 }, (_, n) => `ballast${n}`)
    await Promise.all(ballast.map((id) => store.create(id, 'x'.repeat(3_000), 600)))
    const unheard = watchProcess()
    const app = await liftFiles({}, { routes, session: { store } })
    const visitors = Array.from({ length: 40 }, (_, n) => ({
      user: `visitor ${n}`,
      browser: app.browser(),
      door: n % 2 ? ('http' as const) : ('socket' as const),
    }))

    const { stored, refused, answers } = await writeAll(visitors)
    await expectThere(stored)
    await Promise.all(ballast.map((id) => store.destroy(id)))
    const again = await writeAll(refused)

    expect(stored.length + refused.length).toBe(40)
    for (const some of [stored, refused]) {
      expect(new Set(some.map(({ door }) => door))).toEqual(new Set(['http', 'socket']))
    }
    for (const { status, retryAfter } of answers) {
      expect(retryAfter ?? null).toEqual(
        status === 503 ? expect.stringMatching(/^[1-9]\d*$/) : null,
      )
    }
    expect(again.refused).toEqual([])
    await expectThere(visitors)
    expect(unheard).toEqual([])
  })

  it('does so under traffic on a disk that is really full', async (test) => {
    const disk = mountDisk()
    if (!disk) return test.skip('a disk can be mounted by root on Linux only')
    let ballast = ''

    const seen = await traffic(
      { adapter: 'sqlite', file: join(disk, 'sessions.db') },
      { begin: () => (ballast = fillDisk(disk)), end: () => rmSync(ballast) },
    )

    const statuses = (request: string) =>
      new Set(seen.during.filter((one) => one.request === request).map(({ status }) => status))
    expect(statuses('POST /n')).toEqual(new Set([503]))
    expect(statuses('GET /me')).toEqual(new Set([200]))
    await expectKept(seen)
  })
})

describe('P12: an app on a sqlite file that is not ours to write', () => {
  it('says 503 to who writes, serves who reads, and goes on when it may write', async (test) => {
    const { file } = await createSqliteGround()
    const session = { adapter: 'sqlite', file }
    const before = await liftFiles({}, { routes, session })
    const ada: Visitor = { user: 'ada', browser: before.browser(), door: 'http' }
    await write(ada)
    await before.close()
    const free = makeReadOnly(file)
    if (!free) return test.skip('root can mount nothing here')

    const app = await liftFiles({}, { routes, session })
    const later: Visitor = { ...ada, browser: ada.browser.at(app) }
    const eve = { ...later, user: 'eve' }
    const refused = await write(eve)
    await expectThere([later])
    free()
    const freed = performance.now()
    await vi.waitFor(async () => expect(await write(eve)).toMatchObject({ status: 200 }), recovery)

    expect(refused).toEqual({ status: 503, retryAfter: expect.stringMatching(/^[1-9]\d*$/) })
    expect(performance.now() - freed).toBeLessThan(recovery)
  })
})
