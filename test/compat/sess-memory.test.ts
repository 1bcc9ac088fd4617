/** The collection of `sess` that is given none, beside what modeler does. */
import { describe, expect, it } from 'vitest'
import { sess } from '../../src/compat/sess.ts'
import { createSessMemory } from '../../src/compat/sess-memory.ts'
import type { ModelerRow } from '../../src/session/stores/modeler-collection.ts'
import { rowOf } from '../session/stores/modeler-ground.ts'
import { count, startSess } from './sess-ground.ts'

describe('the memory of sess', () => {
  it('hides fields that begin with two underscores, and keeps them', async () => {
    const saved: unknown[] = []
    const save = (row: ModelerRow, done: () => void) => {
      saved.push(row['__mark'])
      done()
    }
    const { browser } = await startSess((req, res) => {
      const isHidden = req.session['__mark'] === undefined
      if (req.url === '/mark') req.session['__mark'] = 5
      req.session['path'] = req.url
      res.end(String(isHidden))
    }, sess({ save }))
    const visitor = browser()
    await visitor('/mark')

    expect((await visitor('/other')).body).toBe('true')
    expect(saved).toEqual([5, 5])
  })

  it('shows a `save` hook the row it replaces, and stores that nowhere', async () => {
    const replaced: unknown[] = []
    const save = (row: ModelerRow, done: () => void) => {
      replaced.push(Object(row['__old'])['views'])
      done()
    }
    const { browser } = await startSess(count, sess({ save }))
    const visitor = browser()
    for (let n = 0; n < 3; n += 1) await visitor()

    expect(replaced).toEqual([undefined, 1, 2])
  })

  it('gives Buffers, Maps and Sets as they were, within each other, too', async () => {
    const values = {
      bytes: Buffer.from('ada'),
      map: new Map<unknown, unknown>([[{ a: 1 }, new Set([new Date(5), /x/g])]]),
      none: new Set(),
    }
    const seen: unknown[] = []
    const { browser } = await startSess(({ session }, res) => {
      seen.push(session['values'])
      session['values'] = values
      res.end()
    })
    const visitor = browser()
    for (let n = 0; n < 2; n += 1) await visitor()

    expect(seen).toEqual([undefined, values])
  })

  it('calls the hooks of modeler', async () => {
    const called: string[] = []
    const hook = (name: string) => (_: unknown, done: () => void) => {
      called.push(name)
      done()
    }
    const names = ['save', 'afterSave', 'load', 'destroy', 'afterDestroy']
    const hooks = Object.fromEntries(names.map((name) => [name, hook(name)]))
    const { browser } = await startSess(
      (req, res) => {
        if (req.url === '/out') req.session.destroy(() => res.end())
        else count(req, res)
      },
      sess({ ...hooks, create: (row) => Object.assign(row, { views: 5 }) }),
    )
    const visitor = browser()

    expect((await visitor()).body).toBe('6')
    await visitor('/out')
    expect([...new Set(called)]).toEqual(names)
  })

  it('keeps no more rows than told: those longest out of use go first', async () => {
    const memory = createSessMemory({}, 2)
    const save = (id: string) =>
      new Promise((resolve) => memory.save(memory.create({ id }), resolve))

    await save('a')
    await save('b')
    await rowOf(memory, 'a')
    await save('c')

    expect([await rowOf(memory, 'a'), await rowOf(memory, 'b')]).toMatchObject([{ id: 'a' }, null])
  })
})
