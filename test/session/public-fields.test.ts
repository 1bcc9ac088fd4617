/** When a stored text shows other public fields than the one before. */
import { describe, expect, it } from 'vitest'
import { createGround, loggedIn } from './ground.ts'

/** Sets fields of a session, or of its data. */
const set = (fields: object) => (target: object) => void Object.assign(target, fields)

const ground = () => createGround({ public: ['userId', 'theme'] })

describe('W7: public fields', () => {
  it('are reported when a session is stored first, and when one of them changes', async () => {
    const engine = ground()
    const { browser, id } = await loggedIn(engine)

    await browser.visit(set({ theme: { name: 'dark' }, note: 1 }))
    await browser.visit((session) => void delete session['theme'])

    expect(engine.told.changed).toEqual([
      { id, fields: { userId: 'ada', theme: null } },
      { id, fields: { userId: 'ada', theme: { name: 'dark' } } },
      { id, fields: { userId: 'ada', theme: null } },
    ])
  })

  it('are reported when a newcomer’s first change is an update', async () => {
    const engine = ground()

    await engine.browser().visit((session) => session.update(set({ theme: 'dark' })))

    expect(engine.told.changed).toMatchObject([{ fields: { userId: null, theme: 'dark' } }])
  })

  it('are not reported when others change, when the session is read or renewed, nor when it is set to what it was', async () => {
    const engine = ground()
    const { browser } = await loggedIn(engine, { userId: 'ada', theme: { a: 1, b: 2 } })
    engine.told.changed.length = 0

    await browser.visit(set({ note: 1 }))
    await browser.visit((session) => session.update(set({ views: 1 })))
    await browser.visit((session) => session.touch())
    await browser.visit(set({ theme: { b: 2, a: 1 } }))
    await browser.data()

    expect(engine.told.changed).toEqual([])
  })

  it('are those of the merged session, where others have changed it too', async () => {
    const engine = ground()
    const { browser, id } = await loggedIn(engine)
    const late = await browser.open()
    await browser.visit(set({ note: 'first' }))
    late.req.session['theme'] = 'dark'

    await late.end()

    expect(engine.told.changed.at(-1)).toEqual({ id, fields: { userId: 'ada', theme: 'dark' } })
  })

  it('are reported under the new id where the session has moved', async () => {
    const engine = ground()
    const { browser, id } = await loggedIn(engine)
    const [late, updating] = [await browser.open(), await browser.open()]
    let heir = ''
    await browser.visit(async (session, req) => {
      await session.rotate()
      heir = req.sessionID
    })
    engine.told.changed.length = 0

    late.req.session['theme'] = 'dark'
    await late.end()
    await updating.req.session.update(set({ theme: 'light' }))

    expect(heir).not.toBe(id)
    expect(engine.told.changed).toEqual([
      { id: heir, fields: { userId: 'ada', theme: 'dark' } },
      { id: heir, fields: { userId: 'ada', theme: 'light' } },
    ])
  })

  it.each([['a change'], ['an update']])(
    'are reported under the new id that a login by %s gives',
    async (way) => {
      const engine = ground()
      const { browser, id } = await loggedIn(engine, { theme: 'dark' })
      let heir = ''

      await browser.visit(async (session, req) => {
        if (way === 'a change') session['userId'] = 'bob'
        else await session.update(set({ userId: 'bob' }))
        await session.save()
        heir = req.sessionID
      })

      expect(heir).not.toBe(id)
      expect(engine.told.changed.slice(1)).toEqual([
        { id: heir, fields: { userId: 'bob', theme: 'dark' } },
      ])
    },
  )

  it('that a change would have set in a session that has ended are not reported', async () => {
    const engine = ground()
    const { browser } = await loggedIn(engine)
    const late = await browser.open()
    await browser.visit((session) => session.destroy())
    engine.told.changed.length = 0

    late.req.session['theme'] = 'dark'
    await late.end()

    expect(engine.told.changed).toEqual([])
  })

  it('of an id that is dead are nobody’s', async () => {
    const engine = ground()
    const { browser, id } = await loggedIn(engine)
    let heir = ''
    await browser.visit(async (session, req) => {
      await session.rotate()
      heir = req.sessionID
    })

    expect(await engine.sessions.publicFields?.read(id)).toBeUndefined()
    expect(await engine.sessions.publicFields?.read(heir)).toEqual({ userId: 'ada', theme: null })
  })

  it('are data: what else a session has by such a name is not shown', async () => {
    const engine = createGround({ public: ['id', 'authenticatedAt'] })
    const { browser } = await loggedIn(engine)
    const { req } = await browser.open()

    const shown = engine.sessions.publicFields?.shownBy(req.session)

    expect(shown).toEqual({ id: null, authenticatedAt: null })
  })

  it('cost nothing where there are none', async () => {
    const engine = createGround()
    const { browser } = await loggedIn(engine)

    await browser.visit(set({ theme: 'dark' }))

    expect(engine.told.changed).toEqual([])
    expect(engine.sessions.publicFields).toBeUndefined()
  })
})
