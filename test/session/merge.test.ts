import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Json,
  type JsonObject,
  type MergeRules,
  merge,
  type Sides,
} from '../../src/session/merge.ts'

interface Case {
  readonly title: string
  readonly base: JsonObject
  readonly mine: JsonObject
  readonly theirs: JsonObject
  readonly rules?: MergeRules
  readonly merged: JsonObject
  readonly conflicts?: readonly string[]
}

function check({ base, mine, theirs, rules, merged, conflicts = [] }: Case): void {
  expect(merge({ base, mine, theirs }, rules)).toEqual({ value: merged, conflicts })
}

const titled = (cases: readonly Case[]) => cases.map((one) => [one.title, one] as const)

describe('a merge', () => {
  it.each(
    titled([
      {
        title: 'keeps what both sides set in different keys',
        base: {},
        mine: { a: 1 },
        theirs: { b: 2 },
        merged: { a: 1, b: 2 },
      },
      {
        title: 'takes theirs where mine changed nothing',
        base: { a: 1, b: 1 },
        mine: { a: 1, b: 2 },
        theirs: { a: 3, b: 1 },
        merged: { a: 3, b: 2 },
      },
      {
        title: 'finds nothing to argue about in equal changes',
        base: { n: 5 },
        mine: { n: 6 },
        theirs: { n: 6 },
        merged: { n: 6 },
      },
      {
        title: 'gives a key that both changed to the later commit, and names it',
        base: { n: 5 },
        mine: { n: 6 },
        theirs: { n: 8 },
        merged: { n: 6 },
        conflicts: ['n'],
      },
      {
        title: 'goes into objects, to any depth',
        base: { a: { b: { x: 1, y: 1 } } },
        mine: { a: { b: { x: 2, y: 1 } } },
        theirs: { a: { b: { x: 1, y: 3 }, c: 1 } },
        merged: { a: { b: { x: 2, y: 3 }, c: 1 } },
      },
      {
        title: 'names a nested conflict by its dotted path',
        base: { a: { b: 1 } },
        mine: { a: { b: 2 } },
        theirs: { a: { b: 3 } },
        merged: { a: { b: 2 } },
        conflicts: ['a.b'],
      },
      {
        title: 'joins objects that both sides made anew',
        base: {},
        mine: { cart: { apple: 1 } },
        theirs: { cart: { pear: 1 } },
        merged: { cart: { apple: 1, pear: 1 } },
      },
      {
        title: 'takes an array as one value',
        base: { list: [1] },
        mine: { list: [1, 2] },
        theirs: { list: [1, 3] },
        merged: { list: [1, 2] },
        conflicts: ['list'],
      },
      {
        title: 'does not mix an object with something else',
        base: { a: 1 },
        mine: { a: { x: 1 } },
        theirs: { a: { y: 1 } },
        merged: { a: { x: 1 } },
        conflicts: ['a'],
      },
      {
        title: 'deletes what mine deleted',
        base: { user: 1 },
        mine: {},
        theirs: { user: 1, seen: 2 },
        merged: { seen: 2 },
      },
      {
        title: 'deletes what theirs deleted',
        base: { user: 1 },
        mine: { user: 1, seen: 2 },
        theirs: {},
        merged: { seen: 2 },
      },
      {
        title: 'lets my deletion win over their change',
        base: { u: { x: 1 } },
        mine: {},
        theirs: { u: { x: 2 } },
        merged: {},
        conflicts: ['u'],
      },
      {
        title: 'lets their deletion win over my change',
        base: { u: { x: 1 } },
        mine: { u: { x: 2 } },
        theirs: {},
        merged: {},
        conflicts: ['u'],
      },
      {
        title: 'does not care for the order of keys',
        base: { a: { x: 1, y: 2 } },
        mine: { a: { y: 2, x: 1 } },
        theirs: { a: { x: 5, y: 2 } },
        merged: { a: { x: 5, y: 2 } },
      },
      {
        title: 'joins lists kept as objects by id, where arrays would lose an item',
        base: { items: { a: 2 } },
        mine: { items: { a: 2, b: 1 } },
        theirs: { items: { a: 2, c: 1 } },
        merged: { items: { a: 2, c: 1, b: 1 } },
      },
      {
        title: 'keeps a logout beside what another request wrote down',
        base: { userId: 'ada' },
        mine: { userId: 'ada', lastSeen: 1 },
        theirs: {},
        merged: { lastSeen: 1 },
      },
      {
        title: 'sees states, not steps: what mine changed and changed back is theirs',
        base: { step: 1 },
        mine: { step: 1 },
        theirs: { step: 3 },
        merged: { step: 3 },
      },
      {
        title: 'tells null from a missing key',
        base: { a: null },
        mine: {},
        theirs: { a: null, b: null },
        merged: { b: null },
      },
    ]),
  )('%s', (_, one) => check(one))

  it('keeps the keys in the order they are stored in', () => {
    const base = { b: 1, a: 1 }
    const mine = { b: 1, a: 2, new: 1 }
    const theirs = { z: 1, b: 1, a: 1 }

    const { value } = merge({ base, mine, theirs })

    expect(JSON.stringify(value)).toBe('{"z":1,"b":1,"a":2,"new":1}')
  })

  it('takes __proto__ for data', () => {
    const base = JSON.parse('{"a":{}}')
    const mine = JSON.parse('{"a":{"__proto__":{"admin":true}},"__proto__":{"x":1}}')
    const theirs = JSON.parse('{"a":{},"b":1}')

    const { value } = merge({ base, mine, theirs })

    expect(JSON.stringify(value)).toBe(
      '{"a":{"__proto__":{"admin":true}},"b":1,"__proto__":{"x":1}}',
    )
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect('admin' in (value['a'] as object)).toBe(false)
  })

  it('takes names of Object.prototype for data', () => {
    const { value } = merge({ base: {}, mine: { constructor: 1 }, theirs: { toString: 2 } })

    expect(value).toEqual({ constructor: 1, toString: 2 })
  })
})

describe('a merge rule', () => {
  const counter = { rules: { views: 'counter' } } as const
  const union = { rules: { tags: 'union' } } as const

  it.each(
    titled([
      {
        ...counter,
        title: 'counter counts two equal steps twice',
        base: { views: 5 },
        mine: { views: 6 },
        theirs: { views: 6 },
        merged: { views: 7 },
      },
      {
        ...counter,
        title: 'counter adds different steps',
        base: { views: 5 },
        mine: { views: 6 },
        theirs: { views: 8 },
        merged: { views: 9 },
      },
      {
        ...counter,
        title: 'counter starts from nothing',
        base: {},
        mine: { views: 1 },
        theirs: { views: 1 },
        merged: { views: 2 },
      },
      {
        ...counter,
        title: 'counter is no counter where a side holds something else',
        base: { views: 5 },
        mine: { views: 6 },
        theirs: { views: 'many' },
        merged: { views: 6 },
        conflicts: ['views'],
      },
      {
        ...counter,
        title: 'counter leaves a deletion its right',
        base: { views: 5 },
        mine: { views: 6 },
        theirs: {},
        merged: {},
        conflicts: ['views'],
      },
      {
        ...counter,
        title: 'counter leaves alone what one side changed',
        base: { views: 5 },
        mine: { views: 5 },
        theirs: { views: 9 },
        merged: { views: 9 },
      },
      {
        rules: { 'stats.views': 'counter' },
        title: 'counter is found by its dotted path',
        base: { stats: { views: 1 } },
        mine: { stats: { views: 2 } },
        theirs: { stats: { views: 2 } },
        merged: { stats: { views: 3 } },
      },
      {
        ...union,
        title: 'union keeps what both added and drops what either removed',
        base: { tags: ['a', 'b', 'c'] },
        mine: { tags: ['a', 'b', 'new'] },
        theirs: { tags: ['b', 'c', 'other'] },
        merged: { tags: ['b', 'other', 'new'] },
      },
      {
        ...union,
        title: 'union holds equal items once',
        base: { tags: [] },
        mine: { tags: [{ id: 1 }, { id: 2 }] },
        theirs: { tags: [{ id: 1 }] },
        merged: { tags: [{ id: 1 }, { id: 2 }] },
      },
      {
        ...union,
        title: 'union is none where a side holds no list',
        base: { tags: ['a'] },
        mine: { tags: ['a', 'b'] },
        theirs: { tags: 'all' },
        merged: { tags: ['a', 'b'] },
        conflicts: ['tags'],
      },
      {
        rules: { address: 'atomic' },
        title: 'atomic never mixes two addresses',
        base: { address: { city: 'Rome', street: 'Via' } },
        mine: { address: { city: 'Rome', street: 'Via', note: 'bell' } },
        theirs: { address: { city: 'Oslo', street: 'Gata' } },
        merged: { address: { city: 'Rome', street: 'Via', note: 'bell' } },
        conflicts: ['address'],
      },
      {
        rules: { cart: 'atomic' },
        title: 'atomic keeps a total with the items it counts',
        base: { cart: { items: ['a'], total: 1 } },
        mine: { cart: { items: ['a', 'b'], total: 2 } },
        theirs: { cart: { items: ['a', 'c'], total: 2 } },
        merged: { cart: { items: ['a', 'b'], total: 2 } },
        conflicts: ['cart'],
      },
      {
        rules: { coupons: 'atomic' },
        title: 'atomic keeps to one coupon where each side took one',
        base: { coupons: {} },
        mine: { coupons: { summer: 1 } },
        theirs: { coupons: { winter: 1 } },
        merged: { coupons: { summer: 1 } },
        conflicts: ['coupons'],
      },
    ]),
  )('%s', (_, one) => check(one))
})

describe('any merge', () => {
  // Few keys and few values, so that the three sides often meet; `__proto__` is one of them.
  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '1')
  const { object } = fc.letrec<{ object: JsonObject; value: unknown }>((tie) => ({
    object: fc
      .uniqueArray(fc.tuple(key, tie('value')), { selector: ([name]) => name, maxLength: 4 })
      .map((entries) => JSON.parse(textOf(entries)) as JsonObject),
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(0, 1, 'x', true, null),
      fc.array(fc.constantFrom(0, 1, 'x'), { maxLength: 2 }),
      tie('object'),
    ),
  }))
  /** As JSON, because an object literal has no own `__proto__`. */
  const textOf = (entries: readonly (readonly [string, unknown])[]) =>
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`

  const holds = (property: (base: JsonObject, mine: JsonObject, theirs: JsonObject) => void) =>
    fc.assert(fc.property(object, object, object, property), { numRuns: 1500 })

  it('takes theirs when mine changed nothing', () => {
    holds((base, _, theirs) => {
      const { value, conflicts } = merge({ base, mine: base, theirs })

      expect(JSON.stringify(value)).toBe(JSON.stringify(theirs))
      expect(conflicts).toEqual([])
    })
  })

  it('takes mine when theirs changed nothing', () => {
    holds((base, mine) => {
      const { value, conflicts } = merge({ base, mine, theirs: base })

      expect(sorted(value)).toBe(sorted(mine))
      expect(conflicts).toEqual([])
    })
  })

  it('takes either of two equal sides', () => {
    holds((base, mine) => {
      const { value, conflicts } = merge({ base, mine, theirs: mine })

      expect(JSON.stringify(value)).toBe(JSON.stringify(mine))
      expect(conflicts).toEqual([])
    })
  })

  it('gives what one after the other gives where the paths differ', () => {
    const part = fc.record({ before: object, mine: object, theirs: object })
    fc.assert(
      fc.property(part, part, (left, right) => {
        const base = { left: left.before, right: right.before }
        const mine = { left: left.mine, right: right.before }
        const theirs = { left: left.before, right: right.theirs }

        const { value } = merge({ base, mine, theirs })

        expect(sorted(value)).toBe(sorted({ left: left.mine, right: right.theirs }))
      }),
    )
  })

  it('gives the same as its changes one after the other, whichever paths they take', () => {
    const path = fc.constantFrom('a', 'b', 'c.x', 'c.y', 'd.x.p', 'd.x.q', 'd.y', 'constructor')
    const change = fc.record({ path, value: fc.option(fc.nat(9), { nil: undefined }) })
    const changes = fc.uniqueArray(change, { selector: (one) => one.path, maxLength: 8 })
    fc.assert(
      fc.property(changes, changes, fc.nat(8), (before, both, share) => {
        const base = changed({}, before)
        const mine = changed(base, both.slice(0, share))
        const theirs = changed(base, both.slice(share))

        const { value, conflicts } = merge({ base, mine, theirs })

        expect(sorted(pruned(value))).toBe(sorted(pruned(changed(base, both))))
        expect(conflicts).toEqual([])
      }),
      { numRuns: 1500 },
    )
  })

  it('holds no scalar or list that neither side holds at that path', () => {
    holds((base, mine, theirs) => {
      const known = new Set([...leavesOf(mine), ...leavesOf(theirs)])

      const { value } = merge({ base, mine, theirs })

      expect([...leavesOf(value)].filter((leaf) => !known.has(leaf))).toEqual([])
    })
  })

  it('brings back no key that either side deleted, at any depth', () => {
    holds((base, mine, theirs) => {
      const { value } = merge({ base, mine, theirs })

      expect([...resurrected({ base, mine, theirs }, value)]).toEqual([])
    })
  })

  it('gives the same whoever commits first, but for paths both changed', () => {
    holds((base, mine, theirs) => {
      const one = merge({ base, mine, theirs })
      const other = merge({ base, mine: theirs, theirs: mine })

      expect(other.conflicts.toSorted()).toEqual(one.conflicts.toSorted())
      if (one.conflicts.length === 0) expect(sorted(other.value)).toBe(sorted(one.value))
    })
  })

  it('holds by the union rule what either side added, and nothing that either removed', () => {
    const list = fc.uniqueArray(fc.nat(9), { maxLength: 6 })
    fc.assert(
      fc.property(list, list, list, (base, mine, theirs) => {
        const { value } = merge(
          { base: { tags: base }, mine: { tags: mine }, theirs: { tags: theirs } },
          { tags: 'union' },
        )

        const all = [...new Set([...base, ...mine, ...theirs])]
        const kept = all.filter((item) =>
          base.includes(item) ? mine.includes(item) && theirs.includes(item) : true,
        )
        expect((value['tags'] as number[]).toSorted()).toEqual(kept.toSorted())
      }),
    )
  })

  it('keeps the order of their keys', () => {
    holds((base, mine, theirs) => {
      const { value } = merge({ base, mine, theirs })

      const kept = Object.keys(theirs).filter((name) => Object.hasOwn(value, name))
      expect(Object.keys(value).filter((name) => kept.includes(name))).toEqual(kept)
    })
  })

  it('changes none of its three sides', () => {
    holds((base, mine, theirs) => {
      const before = JSON.stringify([base, mine, theirs])

      merge({ base, mine, theirs })

      expect(JSON.stringify([base, mine, theirs])).toBe(before)
    })
  })

  it('counts any number of increments by the counter rule', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.nat(), (start, mine, theirs) => {
        const { value } = merge(
          { base: { n: start }, mine: { n: start + mine }, theirs: { n: start + theirs } },
          { n: 'counter' },
        )

        expect(value['n']).toBe(start + mine + theirs)
      }),
    )
  })
})

/** Text that does not depend on the order of keys. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sorted(item)}`)}}`
}

/** An object after changes by dotted path, one after the other; no value deletes. */
function changed(
  start: JsonObject,
  changes: readonly { readonly path: string; readonly value: number | undefined }[],
): JsonObject {
  const result = structuredClone(start)
  for (const { path, value } of changes) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let place = result
    for (const name of names) {
      if (!Object.hasOwn(place, name)) place[name] = {}
      place = place[name] as JsonObject
    }
    if (value === undefined) delete place[last]
    else place[last] = value
  }
  return result
}

/** Without empty objects: a deletion below leaves one, or makes none, as it happens to come. */
function pruned(value: JsonObject): JsonObject {
  const entries = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    if (!isObject(item)) return [[name, item]]
    const below = pruned(item)
    return Object.keys(below).length > 0 ? [[name, below]] : []
  })
  return Object.fromEntries(entries)
}

/** The paths a merge holds although a side deleted them from an object that all still have. */
function* resurrected(
  { base, mine, theirs }: Sides,
  value: JsonObject,
  path = '',
): Generator<string> {
  for (const name of Object.keys(base)) {
    const [before, here, there, now] = [base, mine, theirs, value].map((side) =>
      Object.hasOwn(side, name) ? side[name] : undefined,
    )
    if (here === undefined || there === undefined) {
      if (now !== undefined) yield `${path}/${name}`
    } else if (isObject(before) && isObject(here) && isObject(there) && isObject(now)) {
      yield* resurrected({ base: before, mine: here, theirs: there }, now, `${path}/${name}`)
    }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every scalar, list and empty object with its path. */
function* leavesOf(value: unknown, path = ''): Generator<string> {
  if (!isObject(value)) yield `${path}=${JSON.stringify(value)}`
  else for (const [key, item] of Object.entries(value)) yield* leavesOf(item, `${path}/${key}`)
}
