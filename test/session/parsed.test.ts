import { describe, expect, it } from 'vitest'
import { createParse } from '../../src/session/parsed.ts'

describe('a record that was parsed before', () => {
  it('is given to each reader as a copy of its own, to any depth', () => {
    const parse = createParse()
    const text =
      '{"cart":[{"id":1,"tags":["a"]}],"user":{"name":"ada"},"none":null,"__proto__":{"x":1}}'
    const first = parse(text) as { cart: { tags: string[] }[]; user: { name: string } }
    first.cart[0]?.tags.push('b')
    first.user.name = 'eve'

    for (const again of [parse(text), parse(text)]) {
      expect(JSON.stringify(again)).toBe(text)
      expect(Object.getPrototypeOf(again)).toBe(Object.prototype)
    }
  })

  it('is forgotten when too many are remembered, and read all the same', () => {
    const parse = createParse()
    const texts = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, x: 'x'.repeat(99_999) }))

    for (const text of [...texts, ...texts]) expect(JSON.stringify(parse(text))).toBe(text)
  })

  it('is nothing where the text is no JSON object', () => {
    const parse = createParse()

    for (const text of ['', '{', '[1]', 'null', '7']) expect(parse(text)).toBeUndefined()
  })
})
