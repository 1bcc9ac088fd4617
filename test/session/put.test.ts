/** What is told of a change that meets others on its way into the store. */
import { describe, expect, it, vi } from 'vitest'
import { createGround, createRequest, loggedIn, openEvent } from './ground.ts'

describe('a change that is merged', () => {
  it.each<[string, [string, string], unknown[]]>([
    ['on other fields is told to nobody', ['a', 'b'], []],
    ['on the same field is told by its path', ['a', 'a'], [['a']]],
  ])('%s', async (_, [first, second], told) => {
    const merged = vi.fn()
    const report = { ended() {}, dropped() {}, unreadable() {}, warn() {}, merged }
    const { browser } = await loggedIn(createGround({ report }))
    const [one, other] = [await browser.open(), await browser.open()]
    one.req.session[first] = 1
    other.req.session[second] = 2

    await one.end()
    await other.end()

    expect(merged.mock.calls.map(([, paths]) => paths)).toEqual(told)
  })
})

describe('W7: what two events of a newcomer set at once', () => {
  it('is published as it is stored: the first alone, then both', async () => {
    const ground = createGround({ public: ['theme', 'size'] })
    const { identity } = await ground.sessions.identify(createRequest() as never, undefined)
    const bound = { identity, owner: {} }
    const [one, other] = [await openEvent(ground, bound), await openEvent(ground, bound)]
    one.req.session['theme'] = 'dark'
    other.req.session['size'] = 'big'

    await one.end()
    await other.end()

    expect(ground.told.changed.map(({ fields }) => fields)).toEqual([
      { theme: 'dark', size: null },
      { theme: 'dark', size: 'big' },
    ])
  })
})
