import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/session/merge.ts'
import { type Fields, writeFields } from '../../src/session/written.ts'

const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>
const data = fc.dictionary(
  fc
    .string({ maxLength: 3 })
    .filter((name) => !['cookie', '_catamaran', '__proto__'].includes(name)),
  json,
  { noNullPrototype: true, maxKeys: 5 },
) as fc.Arbitrary<JsonObject>
const fields: fc.Arbitrary<Fields> = fc.record({
  cookie: json,
  data,
  kept: fc.option(json, { nil: undefined }),
})

describe('a text written field by field', () => {
  it('is the one that JSON gives, whatever was written before it', () => {
    fc.assert(
      fc.property(fields, fields, fc.func(fc.boolean()), (before, now, stays) => {
        const last = writeFields(before)
        const same = Object.entries(before.data).filter(([name]) => stays(name))
        const mixed = { ...now, data: { ...now.data, ...Object.fromEntries(same) } }

        const { text, record, data } = writeFields(mixed, last)

        expect(record).toEqual(recordOf(mixed))
        expect(text).toBe(JSON.stringify(recordOf(mixed)))
        expect(data).toBe(mixed.data)
      }),
    )
  })

  it('takes over what is the very same value, and nothing that only has its name', () => {
    const cart = [{ id: 1 }]
    const last = writeFields({ cookie: {}, data: { cart, user: { name: 'ada' } }, kept: undefined })
    const parts = new Map(last.parts).set('cart', '"cart":"taken over"').set('user', '"user":"old"')
    const now = { cookie: {}, data: { cart, user: { name: 'eve' } }, kept: undefined }

    const { text } = writeFields(now, { ...last, parts })

    expect(text).toBe('{"cookie":{},"cart":"taken over","user":{"name":"eve"}}')
  })
})

function recordOf({ cookie, data, kept }: Fields): JsonObject {
  return { cookie, ...data, ...(kept !== undefined && { _catamaran: kept }) }
}
