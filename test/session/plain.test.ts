import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/session/merge.ts'
import { isSame, plainFields, plainOf } from '../../src/session/plain.ts'

/** Few keys and values, so that two of them are often alike. */
const small: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(0, 1, '', 'a', true, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value

/** As a session may hold them: JSON, and beside it what JSON drops, changes, or asks. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.anything({ withDate: true, withMap: true, withSparseArray: true, withBoxedValues: true }),
)

const textOf = (value: unknown) => JSON.stringify(value)

describe('a value', () => {
  it('is the same as what is known exactly when it gives the same text', () => {
    fc.assert(
      fc.property(small, small, (value, known) => {
        expect(isSame(value, known)).toBe(textOf(value) === textOf(known))
        expect(isSame(structuredClone(value), value)).toBe(true)
      }),
    )
  })

  it('that its text changes on the way is never taken for the same', () => {
    fc.assert(
      fc.property(anything, small, (value, known) => {
        if (isSame(value, known)) expect(textOf(value)).toBe(textOf(known))
      }),
    )
  })

  it('is not the same in another order of keys, nor with one more or less', () => {
    const known = { a: 1, b: { c: [1, { d: 2 }] } }

    const others = [
      { b: { c: [1, { d: 2 }] }, a: 1 },
      { a: 1 },
      { a: 1, b: { c: [1, { d: 2 }] }, e: undefined },
      { a: 1, b: { c: [1, { d: 3 }] } },
      { a: 1, b: { c: { 0: 1, 1: { d: 2 } } } },
      { a: 1, b: Object.assign(Object.create({ kind: 'own' }), { c: [1, { d: 2 }] }) },
    ]
    expect(others.map((other) => isSame(other, known))).toEqual(others.map(() => false))
  })

  it('is foretold as it will be read again, or not at all', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const plain = plainOf(value)
        if (plain === undefined) return
        const read: unknown = JSON.parse(textOf(value))
        expect(textOf(plain)).toBe(textOf(read))
        expect(plain).toStrictEqual(read)
      }),
    )
  })

  it('of nothing but JSON is always foretold, by a copy of its own', () => {
    fc.assert(
      fc.property(small, (value) => {
        expect(plainOf(value)).toStrictEqual(value)
      }),
    )
    const value = { list: [{ a: 1 }] }
    const plain = plainOf(value)

    value.list[0] = { a: 2 }

    expect(plain).toEqual({ list: [{ a: 1 }] })
  })

  it('that holds itself is not foretold', () => {
    const value: Record<string, unknown> = { a: 1 }
    value['self'] = [value]

    expect(plainOf(value)).toBeUndefined()
    expect(isSame(value, { a: 1, self: [{ a: 1, self: [] }] })).toBe(false)
  })

  it.each([
    ['-0', { a: -0 }],
    ['NaN', [Number.NaN]],
    ['a Date', { at: new Date(0) }],
    ['a function', { a: () => 1 }],
    ['undefined', { a: undefined }],
    ['a hole', Array(2)],
    ['a Map', new Map()],
    ['a class of its own', new (class Cart {})()],
    ['__proto__ as a key', JSON.parse('{"__proto__":{"a":1}}')],
  ])('is not foretold where it holds %s', (_, value) => {
    expect(plainOf(value)).toBeUndefined()
  })
})

describe('the fields of an object', () => {
  it('are what is known exactly when they give the same text, else what will be read', () => {
    const fields = small.filter(
      (value) => value?.constructor === Object,
    ) as fc.Arbitrary<JsonObject>
    fc.assert(
      fc.property(fields, fields, (value, known) => {
        const found = plainFields(value, known)
        expect(found === known).toBe(textOf(value) === textOf(known))
        expect(found).toStrictEqual(value)
        expect(textOf(found)).toBe(textOf(value))
      }),
    )
  })

  it('are not what is known in another order, nor where one is missing', () => {
    const known = { a: 1, b: 2 }

    for (const value of [{ b: 2, a: 1 }, { a: 1 }, { a: 1, b: 2, c: 3 }]) {
      const found = plainFields(value, known)

      expect(textOf(found)).toBe(textOf(value))
      expect(found).not.toBe(known)
    }
  })

  it('that say the same are taken from what is known, the others are copies', () => {
    const known = { cart: [{ id: 1 }], user: { name: 'ada' }, views: 1 }
    const value = { cart: [{ id: 1 }], user: { name: 'eve' }, views: 1 }

    const found = plainFields(value, known)

    expect(found).toStrictEqual(value)
    expect(found?.['cart']).toBe(known.cart)
    expect(found?.['user']).not.toBe(value.user)
  })

  it.each([
    ['a Date', { at: new Date(0) }],
    ['undefined', { a: undefined }],
    ['a name every object has', { a: 1, constructor: Object }],
    ['__proto__', JSON.parse('{"__proto__":{}}')],
  ])('are not foretold where one is %s', (_, value) => {
    expect(plainFields(value, { a: 1 })).toBeUndefined()
  })
})
