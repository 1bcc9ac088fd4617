import { describe, expect, it } from 'vitest'
import { copyOf, createKnownTexts } from '../../src/session/known.ts'
import type { JsonObject } from '../../src/session/merge.ts'
import { writeFields } from '../../src/session/written.ts'

describe('what a text is known to say', () => {
  it('is given to each reader as a copy of its own, to any depth', () => {
    const text =
      '{"cart":[{"id":1,"tags":["a"]}],"user":{"name":"ada"},"none":null,"__proto__":{"x":1}}'
    const record = JSON.parse(text) as JsonObject
    const first = copyOf(record) as { cart: { tags: string[] }[]; user: { name: string } } & object
    first.cart[0]?.tags.push('b')
    first.user.name = 'eve'

    const again = copyOf(record)

    expect(JSON.stringify(again)).toBe(text)
    expect(Object.getPrototypeOf(again)).toBe(Object.prototype)
  })

  it('is parsed once, and anew when another text is stored under the id', () => {
    const texts = createKnownTexts()
    const first = texts.read('id', '{"cookie":{},"a":1}')

    expect(texts.read('id', '{"cookie":{},"a":1}')).toBe(first)
    expect(texts.read('id', '{"cookie":{},"a":2}')).toMatchObject({ data: { a: 2 }, isOwn: false })
  })

  it('is remembered as ours where we stored it', () => {
    const texts = createKnownTexts()
    const written = writeFields({ cookie: {}, data: { a: 1 }, kept: { created: 7 } })
    const { text, record, data } = written

    for (const given of [written, undefined]) {
      const wrote = texts.wrote('id', text, given)

      expect(wrote).toMatchObject({ text, record, data, isOwn: true })
      expect(texts.read('id', text)).toBe(wrote)
    }
  })

  it('is forgotten when too much is remembered, and read all the same', () => {
    const texts = createKnownTexts()
    const all = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, x: 'x'.repeat(99_999) }))

    for (const text of [...all, ...all]) {
      expect(JSON.stringify(texts.read(text.slice(0, 10), text)?.record)).toBe(text)
    }
  })

  it('is nothing where the text is no JSON object', () => {
    const texts = createKnownTexts()

    for (const text of ['', '{', '[1]', 'null', '7']) {
      expect(texts.read('id', text)).toBeUndefined()
    }
  })
})
