/** Typed session data: a schema, defaults, and records of older versions. */
import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import { createTyped, type TypedOptions } from '../../src/session/typed.ts'
import { createGround, type GroundOptions, loggedIn } from './ground.ts'

const schema = z.object({
  userId: z.string().optional(),
  theme: z.enum(['light', 'dark']).default('light'),
  views: z.number().int().default(0),
  cart: z.array(z.object({ price: z.number().positive() })).optional(),
})

function ground(options: Partial<TypedOptions> = {}, others: GroundOptions = {}) {
  const warned: string[] = []
  const typed = createTyped({ schema, version: 0, warn: (words) => warned.push(words), ...options })
  return { ground: createGround({ typed, ...others }), warned }
}

async function visitor(options: Partial<TypedOptions> = {}, record?: object) {
  const made = ground(options)
  const { browser, id } = await loggedIn(made.ground)
  if (record) {
    await made.ground.store.put(id, JSON.stringify({ cookie: { path: '/' }, ...record }))
  }
  const stored = async () => JSON.parse((await made.ground.store.textOf(id)) ?? 'null')
  return { ...made, browser, id, stored }
}

describe('data', () => {
  it('fills in defaults, for a visitor of whom nothing is stored, and stores none for it', async () => {
    const { ground: here } = ground({}, { absolute: 60 })
    const browser = here.browser()

    const line = await browser.visit((session) => {
      expect(session).toMatchObject({ theme: 'light', views: 0 })
    })

    expect(line).toBeUndefined()
    expect(here.store.calls()).toEqual([])
  })

  it('is stored of a visitor who has nothing but a message', async () => {
    const browser = ground().ground.browser()

    await browser.visit((session) => session.flash('note', 'hello'))

    const { req } = await browser.open()
    expect(await req.session.takeFlash('note')).toEqual(['hello'])
  })

  it('fills in defaults of what is stored, without writing it', async () => {
    const { ground: here, browser } = await visitor({}, { userId: 'ada' })
    here.store.calls()

    expect(await browser.data()).toEqual({ userId: 'ada', theme: 'light', views: 0 })
    await browser.visit()

    expect(here.store.calls()).not.toContain('swap')
  })

  it('is not written by a touch some time after a save', async () => {
    const { ground: here } = ground({}, { cookie: { maxAge: 60_000 } })
    const { browser } = await loggedIn(here)

    await browser.visit(async (session) => {
      await session.save()
      here.time.now += 1_000
      session.touch()
    })

    expect(here.store.calls()).toEqual(['read', 'touch'])
  })

  it('refuses what does not fit, naming it, and stores nothing', async () => {
    const { ground: here, browser, stored } = await visitor()
    const before = await stored()

    const visiting = browser.visit((session) => {
      session['views'] = 1
      session['cart'] = [{ price: 1 }, { price: -1 }]
    })

    await expect(visiting).rejects.toMatchObject({
      code: 'E_SESSION_DATA',
      status: 500,
      message: expect.stringMatching(/session\.cart\.1\.price: /),
    })
    expect(await stored()).toEqual(before)
    expect(here.told.dropped).toEqual([])
  })

  it('refuses what does not fit of a new visitor, of an update and of a rotation', async () => {
    const { browser, stored } = await visitor()
    const before = await stored()
    const refused = { code: 'E_SESSION_DATA' }
    const { ground: here } = ground()

    const fresh = here.browser().visit((session) => {
      session['theme'] = 'purple'
    })
    const updating = browser.visit((session) =>
      session.update((data) => {
        data.views = 0.5
      }),
    )
    const rotating = browser.visit((session) => {
      session['theme'] = 'purple'
      return session.rotate()
    })

    await expect(fresh).rejects.toMatchObject(refused)
    await expect(updating).rejects.toMatchObject(refused)
    await expect(rotating).rejects.toMatchObject(refused)
    expect(await here.store.count()).toBe(0)
    expect(await stored()).toEqual(before)
  })

  it('takes out what the schema does not name, of what the app sets; what others keep stays', async () => {
    const { browser, stored } = await visitor({}, { userId: 'ada', theirs: 1 })

    await browser.visit((session) => {
      expect(session['theirs']).toBeUndefined()
      session['unknown'] = 1
      session['views'] = 1
    })
    await browser.visit((session) =>
      session.update((data) => {
        expect(data['theirs']).toBeUndefined()
        data.views = (data.views ?? 0) + 1
      }),
    )

    expect(await stored()).toMatchObject({ userId: 'ada', theirs: 1, views: 2 })
    expect(await stored()).not.toHaveProperty('unknown')
    expect(await browser.data()).not.toHaveProperty('theirs')
  })

  it('keeps or refuses unknown fields as the schema says', async () => {
    const loose = await visitor({ schema: z.looseObject({}) })
    const strict = await visitor({ schema: z.strictObject({ userId: z.string() }) })
    const set = (session: object) => void Object.assign(session, { extra: 1 })

    await loose.browser.visit(set)

    expect(await loose.browser.data()).toMatchObject({ extra: 1 })
    await expect(strict.browser.visit(set)).rejects.toMatchObject({ code: 'E_SESSION_DATA' })
  })

  it('sets aside a stored field that no longer fits, with one warning, and keeps the others', async () => {
    const { browser, warned, stored } = await visitor({}, { userId: 'ada', theme: 'purple' })

    const data = [await browser.data(), await browser.data()]
    await browser.visit((session) => {
      session['theme'] = 'dark'
    })

    expect(data).toEqual(Array(2).fill({ userId: 'ada', theme: 'light', views: 0 }))
    expect(warned).toEqual([expect.stringContaining('session.theme')])
    expect(await stored()).toMatchObject({ userId: 'ada', theme: 'dark' })
  })

  it('P4: merges as ever', async () => {
    const { browser } = await visitor({}, { userId: 'ada', theirs: 1 })
    const [one, two] = [await browser.open(), await browser.open()]
    one.req.session['theme'] = 'dark'
    two.req.session['views'] = 5

    await Promise.all([one.end(), two.end()])

    expect(await browser.data()).toEqual({ userId: 'ada', theme: 'dark', views: 5 })
  })

  it('leaves alone what is no record any more', async () => {
    const { ground: here } = ground({}, { user: undefined })
    const { browser, id } = await loggedIn(here)
    const { req, end } = await browser.open()
    req.session['theme'] = 'dark'

    await here.store.put(id, 'garbage')
    await end()

    expect(await here.store.textOf(id)).toBe('garbage')
    expect(here.told.dropped).toEqual([id])
  })

  it('keeps what another request changed while this one updates', async () => {
    const { browser } = await visitor()
    const { req, end } = await browser.open()
    req.session['theme'] = 'dark'

    await browser.visit((session) => {
      session['cart'] = [{ price: 2 }]
    })
    await req.session.update((data) => {
      data.views = 3
    })
    await end()

    expect(await browser.data()).toEqual({
      userId: 'ada',
      theme: 'dark',
      views: 3,
      cart: [{ price: 2 }],
    })
  })

  it('takes values the schema makes of JSON, and back', async () => {
    const dated = z.object({ userId: z.string().optional(), since: z.coerce.date().optional() })
    const { ground: here, browser } = await visitor({ schema: dated })
    await browser.visit((session) => {
      session['since'] = new Date(1e12)
    })
    here.store.calls()

    await browser.visit((session) => {
      expect(session['since']).toEqual(new Date(1e12))
    })

    expect(here.store.calls()).toEqual(['read'])
  })

  it('refuses a schema that turns out to be async', async () => {
    const later = z.object({ userId: z.string().refine(async () => true) })
    const { ground: here } = ground({ schema: later })

    const visiting = here.browser().visit((session) => {
      session['userId'] = 'ada'
    })

    await expect(visiting).rejects.toThrow(/async/)
  })

  it('takes any schema that follows the standard', async () => {
    const own = {
      '~standard': {
        validate: (value: unknown) =>
          typeof (value as { n?: unknown }).n === 'string'
            ? { issues: [{ message: 'no text', path: [{ key: 'n' }] }] }
            : { value },
      },
    }
    const { browser } = await visitor({ schema: own })

    const visiting = browser.visit((session) => {
      session['n'] = 'x'
    })

    await expect(visiting).rejects.toThrow('session.n: no text')
  })
})

describe('a version of the data', () => {
  const migrate = ({ name, ...rest }: Record<string, unknown>, from: number) =>
    from < 2 ? { ...rest, names: String(name).split(' '), from } : rest
  const versions = { schema: undefined, version: 2, migrate } as Partial<TypedOptions>

  it('migrates older records when they are read, and writes them with the next change', async () => {
    const { ground: here, browser, stored } = await visitor(versions, { name: 'Ada L' })
    here.store.calls()

    expect(await browser.data()).toEqual({ names: ['Ada', 'L'], from: 0 })
    await browser.visit()
    expect(here.store.calls()).not.toContain('swap')
    await browser.visit((session) => {
      session['more'] = 1
    })

    const { cookie: _, ...record } = await stored()
    expect(record).toEqual({
      names: ['Ada', 'L'],
      from: 0,
      more: 1,
      _catamaran: { version: 2 },
    })
    expect(await browser.data()).toEqual({ names: ['Ada', 'L'], from: 0, more: 1 })
  })

  it('is told from which version, and leaves what has this one or a newer', async () => {
    const seen: unknown[] = []
    for (const version of [1, 2, 3]) {
      const record = { name: 'x', _catamaran: { version } }
      const { browser } = await visitor(versions, record)
      seen.push(await browser.data())
    }

    expect(seen).toEqual([{ names: ['x'], from: 1 }, { name: 'x' }, { name: 'x' }])
  })

  it('migrates once, whoever of two is first, and what an older app still writes', async () => {
    const { ground: here, browser, id } = await visitor(versions, { name: 'Ada L', n: 1 })
    const [one, two] = [await browser.open(), await browser.open()]
    one.req.session['one'] = 1
    two.req.session['two'] = 2
    await one.end()
    const old = await here.store.textOf(id)
    await two.end()
    const both = await browser.data()
    const late = await browser.open()
    late.req.session['late'] = 3
    await here.store.put(id, JSON.stringify({ cookie: { path: '/' }, name: 'Bob M', n: 2 }))
    await late.end()

    expect(old).toContain('names')
    expect(both).toEqual({ names: ['Ada', 'L'], from: 0, n: 1, one: 1, two: 2 })
    expect(await browser.data()).toEqual({ names: ['Bob', 'M'], from: 0, n: 2, late: 3 })
  })

  it('migrates for an update', async () => {
    const { browser, stored } = await visitor(versions, { name: 'Ada L' })

    await browser.visit((session) =>
      session.update((data) => {
        expect(data).toEqual({ names: ['Ada', 'L'], from: 0 })
        data.views = 1
      }),
    )

    expect(await stored()).toMatchObject({ names: ['Ada', 'L'], views: 1 })
  })

  it('keeps a record whose migration fails, and says so', async () => {
    const broken = { ...versions, migrate: () => Promise.resolve({}) }
    const { browser, stored } = await visitor(broken, { name: 'Ada L' })

    await expect(browser.data()).rejects.toMatchObject({ code: 'E_SESSION_MIGRATE', status: 500 })
    expect(await stored()).toMatchObject({ name: 'Ada L' })
  })

  it('may change the data it is given', async () => {
    const inPlace = (data: Record<string, unknown>) => {
      data['seen'] = true
    }
    const { browser } = await visitor({ ...versions, migrate: inPlace }, { name: 'x' })

    expect(await browser.data()).toEqual({ name: 'x', seen: true })
  })
})

describe('typed data through rotation', () => {
  it('keeps its version and what others keep', async () => {
    const store = createMemoryStore({ clock: Date.now })
    onTestFinished(() => store.close())
    const { browser } = await visitor({ version: 1 }, { userId: 'ada', theirs: 1 })

    await browser.visit((session) => session.rotate())

    expect(await browser.data()).toEqual({ userId: 'ada', theme: 'light', views: 0 })
  })
})
