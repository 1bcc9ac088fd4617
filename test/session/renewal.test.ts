/** How a life is renewed on stores of different reach, and what a late answer may still say. */
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import { createGround, type GroundOptions, loggedIn } from './ground.ts'

type Reach = 'process' | 'machine' | 'nodes'

/** Somebody logged in, over a store that says it reaches so far. */
async function visitorOver(reach: Reach, options: GroundOptions = {}) {
  const time = { now: Date.now() }
  const memory = createMemoryStore({ clock: () => time.now })
  const ground = createGround({ store: { ...memory, reach }, ...options })
  return { ground, ...(await loggedIn(ground)) }
}

describe('an explicit touch', () => {
  it.each<[Reach, string[]]>([
    ['process', ['read', 'touch']],
    ['machine', ['read', 'read', 'touch']],
    ['nodes', ['read', 'read+renew']],
  ])('P7: renews, once, what lives for sure: %s', async (reach, calls) => {
    const { ground, browser } = await visitorOver(reach)

    await browser.visit(async (session) => {
      session.touch()
      await session.save()
    })

    expect(ground.store.calls()).toEqual(calls)
  })

  it.each<[Reach, string[]]>([
    ['machine', ['read']],
    ['nodes', ['read+renew', 'swap']],
  ])(
    'P10: of an id that another node has rotated away renews none, nor its marker: %s',
    async (...row) => {
      const [reach, calls] = row
      const { ground, browser, id } = await visitorOver(reach)
      const late = await ground.node().browser(browser.cookie).open()
      await browser.visit((session) => session.rotate())
      const left = await ground.store.secondsLeft?.(id)
      late.req.session.touch()
      ground.store.calls()

      await late.end()

      expect(ground.store.calls()).toEqual(calls)
      expect(await ground.store.secondsLeft?.(id)).toBeLessThanOrEqual(Number(left))
      expect(late.visit.renewed).toBe(false)
    },
  )

  it('that fails does not count as renewed, although the read did', async () => {
    const { ground, browser } = await visitorOver('nodes')
    ground.time.now += 10_000_000
    const { req, visit, end } = await browser.open()
    const before = visit.renewed
    req.session.touch()
    ground.store.before(() => {
      throw new Error('down')
    })

    await end()

    expect([before, visit.renewed, visit.lateError]).toEqual([true, false, new Error('down')])
  })
})

describe('an answer that brings its cookie once more', () => {
  it('P5: asks the store nothing where this process has seen the end', async () => {
    const { ground, browser } = await visitorOver('nodes', { rolling: true })
    const late = await browser.open()
    await browser.visit((session) => session.destroy())
    ground.store.calls()

    const line = await late.end()

    expect([line, ground.store.calls()]).toEqual([undefined, []])
  })

  it('P10: looks whether its id still lives, and changes nothing', async () => {
    const { ground, browser } = await visitorOver('nodes', { rolling: true })
    const there = ground.node().browser(browser.cookie)
    await there.visit()
    const late = await there.open()
    await browser.visit((session) => session.rotate())
    ground.store.calls()

    const line = await late.end()

    expect([line, ground.store.calls()]).toEqual([undefined, ['read']])
  })

  it('brings it with a full life after a renewal by another node', async () => {
    const { ground, browser } = await visitorOver('nodes', { cookie: { maxAge: 60_000 } })
    ground.time.now += 30_000

    const line = await ground.node().browser(browser.cookie).visit()

    expect(line).toContain(`Expires=${new Date(ground.time.now + 60_000).toUTCString()}`)
  })
})
