import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/session/merge.ts'
import { isSame, plainOf } from '../../src/session/plain.ts'

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
