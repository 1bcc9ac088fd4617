import { describe, expect, it, onTestFinished } from 'vitest'
import { check } from './check.ts'
import { createCrew, type PlayedHistory } from './crew.ts'
import type { Event, Written } from './model.ts'
import { createParallelSets, createProgram, type Data, type Program, type Step } from './program.ts'
import { shrink } from './shrink.ts'
import { judge } from './verdict.ts'

const start: Data = { user: 'ada', a: 1 }
const id = 'one'

function historyOf(clients: Record<string, readonly Event[]>): PlayedHistory {
  const program = { seed: 0, start, clients: [] }
  return { program, start: new Map([[id, { data: start }]]), clients, faults: [] }
}

const opens = (from: number, to: number, saw: Data | null): Event => ({
  kind: 'open',
  id,
  start: from,
  end: to,
  saw,
})

const sets = (from: number, to: number, path: string, value: number): Written => ({
  kind: 'write',
  id,
  since: from - 1,
  start: from,
  end: to,
  base: start,
  changes: [{ do: 'set', path, value }],
  force: false,
})

const counts = (from: number, to: number, saw: Data): Event => ({
  kind: 'update',
  id,
  start: from,
  end: to,
  saw,
})

const ends = (from: number, to: number): Event => ({ kind: 'end', id, start: from, end: to })

describe('the judge of histories', () => {
  it('allows a read beside a change to see it or not', () => {
    for (const saw of [start, { ...start, a: 2 }]) {
      const history = historyOf({ writer: [sets(1, 5, 'a', 2)], reader: [opens(2, 4, saw)] })

      expect(judge(history).right).toBe(true)
    }
  })

  it('lets a logout follow an id whose way is over, or not: a process may remember it', () => {
    for (const left of [start, null]) {
      const history = historyOf({
        writer: [
          {
            kind: 'move',
            id,
            to: 'two',
            since: 1,
            start: 2,
            end: 3,
            base: start,
            changes: [],
            saw: start,
          },
          { kind: 'expire', id, start: 4, end: 5 },
          ends(6, 7),
          { ...opens(8, 9, left), id: 'two' },
        ],
      })

      expect(judge(history).right).toBe(true)
    }
  })

  it('calls a read stale that does not see what was acknowledged before it began', () => {
    const history = historyOf({ writer: [sets(1, 2, 'a', 2)], reader: [opens(3, 4, start)] })

    expect(judge(history)).toMatchObject({ right: false, stale: ['a'], lost: [] })
  })

  it('calls a change lost that the last read does not show', () => {
    const history = historyOf({
      one: [sets(1, 3, 'a', 2)],
      other: [sets(2, 4, 'b', 3)],
      'end 1': [opens(5, 6, { ...start, b: 3 })],
    })

    expect(judge(history)).toMatchObject({ right: false, lost: ['a'] })
  })

  it('calls a session resurrected whose data are seen after its end', () => {
    const history = historyOf({ one: [ends(1, 2)], 'end 1': [opens(3, 4, start)] })

    expect(judge(history)).toMatchObject({ right: false, resurrected: ['end 1'] })
  })

  it('wants each count to stand on the one before', () => {
    const first = counts(1, 4, start)
    const right = historyOf({ one: [first], other: [counts(2, 3, { ...start, n: 1 })] })
    const wrong = historyOf({ one: [first], other: [counts(2, 3, start)] })

    expect(judge(right).right).toBe(true)
    expect(judge(wrong).right).toBe(false)
  })

  it('lets a deletion win over a change of what was there', () => {
    const deleted = { ...sets(3, 4, 'a', 0), since: 0, changes: [{ do: 'delete', path: 'a' }] }
    const late = { ...sets(5, 6, 'a', 2), since: 0 }
    const seen = (saw: Data) =>
      historyOf({ one: [deleted as Written], other: [late], 'end 1': [opens(7, 8, saw)] })

    expect(judge(seen({ user: 'ada' })).right).toBe(true)
    expect(judge(seen({ user: 'ada', a: 2 })).right).toBe(false)
  })
})

describe('a program', () => {
  it('is the same for the same seed', () => {
    expect(createProgram(7)).toEqual(createProgram(7))
    expect(createProgram(7)).not.toEqual(createProgram(8))
  })

  it('does everything a session can do, sooner or later', () => {
    const programs = Array.from({ length: 300 }, (_, seed) => createProgram(seed))
    const kinds = new Set(programs.flatMap(({ clients }) => clients.flat(2).map((step) => step.do)))

    expect([...kinds].toSorted()).toEqual(
      'delete destroy expire regenerate reload rotate save set touch update wait'.split(' '),
    )
  })

  it('changes what is nested, one key or all of it, as well as what is not', () => {
    const programs = Array.from({ length: 300 }, (_, seed) => createProgram(seed))
    const steps = programs.flatMap(({ clients }) => clients.flat(2))
    const paths = (what: Step['do']) =>
      new Set(steps.flatMap((step) => (step.do === what && 'path' in step ? [step.path] : [])))

    expect([...paths('set')].toSorted()).toEqual(['a', 'b', 'o.x', 'o.y'])
    expect([...paths('delete')].toSorted()).toEqual(['a', 'b', 'o', 'o.x', 'o.y'])
  })
})

describe('the checker', () => {
  it('finds what a store loses whose swap does not compare, and tells it in few words', async () => {
    const { tale, ...found } = await check([{ store: 'careless', door: 'engine' }], {
      seed: 1,
      histories: 100,
    })

    expect(found.wrong).toBeGreaterThan(5)
    expect(found.lost + found.stale).toBeGreaterThan(5)
    expect(tale?.split('\n').length).toBeLessThan(16)
  })

  it('makes a history that fails as small as one that fails can be', async () => {
    const crew = await createCrew([{ store: 'careless', door: 'engine' }])
    onTestFinished(() => crew.close())
    const programs = Array.from({ length: 200 }, (_, seed) => createProgram(seed))
    const large = programs.filter((program) => stepsOf(program) > 12)
    const failed = (await crew.play(large)).find((history) => !judge(history).right)

    const small = failed && (await shrink(crew, failed))

    expect(small && judge(small).right).toBe(false)
    expect(small?.program.seed).toBe(failed?.program.seed)
    // Mostly two clients with one change each, and what keeps them apart.
    expect(small?.program.clients.length).toBeLessThan(4)
    expect(small && stepsOf(small.program)).toBeLessThan(9)
  })

  it('finds more than half of parallel changes lost by express-session, and none by us', async () => {
    const theirs = await lostOf('express-session')
    const ours = await lostOf('memory')

    expect(theirs.lost).toBeGreaterThan(theirs.changes / 2)
    expect(ours.lost).toBe(0)
  })
})

const stepsOf = ({ clients }: Program) => clients.flat(2).length

async function lostOf(store: 'memory' | 'express-session') {
  const crew = await createCrew([{ store, door: 'http' }])
  const programs = Array.from({ length: 30 }, (_, seed) => createParallelSets(seed))
  try {
    const histories = await crew.play(programs)
    expect(histories.flatMap(({ faults }) => faults)).toEqual([])
    const lost = histories.reduce((sum, history) => sum + judge(history).lost.length, 0)
    return { lost, changes: programs.reduce((sum, { clients }) => sum + clients.length, 0) }
  } finally {
    await crew.close()
  }
}
