/**
 * Records that others write beside us: express-session, Sails, an app's own scripts.
 */
import { describe, expect, it } from 'vitest'
import { createGround, dataOf, loggedIn } from './ground.ts'

/** A visitor whose record somebody else has written. */
async function written(text: string, options = {}) {
  const ground = createGround({ touchAfter: 1e9, ...options })
  const { browser, id } = await loggedIn(ground)
  await ground.store.put(id, text)
  return { ground, browser, id }
}

const cookie = '"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}'

const texts = [
  ['without a cookie', '{"user":1}'],
  ['with other spacing', `{ "user" : 1, ${cookie} }`],
  ['with the cookie last', `{"user":1,${cookie}}`],
  ['with a part of a cookie', '{"cookie":{"path":"/"},"user":1}'],
  ['with a cookie that is none', '{"cookie":null,"user":1}'],
  ['with other numbers', `{${cookie},"user":1.0,"big":1e3,"small":1E-7}`],
  ['with escapes', `{${cookie},"user":"\\u00e9\\/"}`],
  ['with keys that are numbers', `{${cookie},"user":1,"2":"b","1":"a"}`],
  ['with keys named like methods', `{${cookie},"save":1,"id":2,"req":3,"user":1,"toString":4}`],
  ['with keys named like prototypes', `{${cookie},"__proto__":{"x":1},"constructor":2,"user":1}`],
  ['with unknown attributes', '{"cookie":{"path":"/","encode":"x","httpOnly":false},"user":1}'],
  [
    'with an expiry long past',
    '{"cookie":{"originalMaxAge":5000,"expires":"2001-01-01T00:00:00.000Z","httpOnly":true,"path":"/"},"user":1}',
  ],
  ['with a key twice', `{${cookie},"user":0,"user":1}`],
] as const

describe('a record somebody else has written', () => {
  it.each(texts)('is not written when it is only read: %s', async (_, text) => {
    const { ground, browser, id } = await written(text)

    await browser.visit((session) => {
      expect(session['user']).toEqual(JSON.parse(text).user)
    })

    expect(ground.store.calls()).toEqual(['read'])
    expect(await ground.store.textOf(id)).toBe(text)
  })

  it.each(texts)('is not written by a touch or a save either: %s', async (_, text) => {
    const { ground, browser, id } = await written(text)

    await browser.visit(async (session) => {
      session.touch()
      await session.save()
    })

    expect(ground.store.calls()).toEqual(['read', 'touch'])
    expect(await ground.store.textOf(id)).toBe(text)
  })

  it.each(texts)('keeps everything else when it is changed: %s', async (_, text) => {
    const { browser, ground, id } = await written(text)

    await browser.visit((session) => {
      session['added'] = true
    })

    const { cookie: _before, ...before } = JSON.parse(text)
    const { cookie: after, ...data } = JSON.parse((await ground.store.textOf(id)) ?? '')
    expect(data).toEqual({ ...before, added: true })
    expect(after).toMatchObject({ path: '/' })
  })

  it.each(texts)('keeps everything else when it is updated: %s', async (_, text) => {
    const { browser, ground, id } = await written(text)

    await browser.visit((session) =>
      session.update((data) => {
        data['added'] = true
      }),
    )

    const { cookie: _before, ...before } = JSON.parse(text)
    const { cookie: _after, ...data } = JSON.parse((await ground.store.textOf(id)) ?? '')
    expect(data).toEqual({ ...before, added: true })
    expect(ground.store.calls()).toEqual(['read', 'read', 'swap'])
  })

  it('has its methods still, and no prototype but ours', async () => {
    const { browser } = await written(`{${cookie},"save":1,"id":"forged","__proto__":{"admin":1}}`)

    const { req } = await browser.open()

    expect(dataOf(req.session)).toEqual({})
    expect(req.session.id).toBe(req.sessionID)
    expect(req.session.save).toBeInstanceOf(Function)
    expect(req.session['admin']).toBeUndefined()
  })

  it('gets our cookie’s life with its first change when it has none', async () => {
    const { browser, ground, id } = await written('{"user":1}', { cookie: { maxAge: 60_000 } })

    const line = await browser.visit((session) => {
      session['added'] = true
    })

    const expires = new Date(ground.time.now + 60_000)
    expect(JSON.parse((await ground.store.textOf(id)) ?? '').cookie).toEqual({
      originalMaxAge: 60_000,
      expires: expires.toISOString(),
      httpOnly: true,
      path: '/',
    })
    expect(line).toContain(`Expires=${expires.toUTCString()}`)
  })

  it('has a cookie by auto where it has none', async () => {
    const { browser } = await written('{"user":1}', {
      cookie: { secure: 'auto', sameSite: 'auto' },
    })

    const line = await browser.visit((session) => {
      session.cookie.maxAge = 60_000
    })

    expect(line).toMatch(/HttpOnly; SameSite=Lax$/)
  })

  it('sends no cookie that is over, only because its text is', async () => {
    const past = '"expires":"2001-01-01T00:00:00.000Z","originalMaxAge":60000'
    const { browser, ground } = await written(`{"cookie":{${past},"path":"/"},"user":1}`, {
      rolling: true,
    })

    const line = await browser.visit()

    expect(line).toContain(`Expires=${new Date(ground.time.now + 60_000).toUTCString()}`)
  })

  it('that changes while we change it is merged', async () => {
    const { browser, ground, id } = await written('{"user":1,"a":1}')
    const { req, end } = await browser.open()
    req.session['mine'] = 1

    await ground.store.put(id, '{ "user": 1, "theirs": 1.0 }')
    await end()

    expect(await browser.data()).toEqual({ user: 1, theirs: 1, mine: 1 })
  })

  it('that has other places for what is ours is merged into our order', async () => {
    const { browser, ground, id } = await written('{"user":1,"a":1}')
    const { req, end } = await browser.open()
    req.session['mine'] = 1

    await ground.store.put(id, '{"_catamaran":{"created":7},"user":1,"theirs":1}')
    await end()

    const text = (await ground.store.textOf(id)) ?? ''
    expect(Object.keys(JSON.parse(text)).at(-1)).toBe('_catamaran')
    ground.store.calls()
    await browser.visit((session) => session.save())
    expect(ground.store.calls()).toEqual(['read'])
  })

  it('that is no record any more is left alone', async () => {
    const { browser, ground, id } = await written('{"user":1}')
    const { req, end } = await browser.open()
    req.session['mine'] = 1

    await ground.store.put(id, 'garbage')
    await end()

    expect(await ground.store.textOf(id)).toBe('garbage')
    expect(ground.told.dropped).toEqual([id])
  })
})
