/** Says in words what a schema takes, and its default. */
import { innerOf, type Schema } from '../../src/config/shape.ts'
import { show } from '../../src/config/show.ts'
import { z } from '../../src/config/zod.ts'

/** What a value may be: "text", "true or false", "a function". The words of a schema's own error come first. */
export function takesOf(schema: Schema): string {
  if (schema instanceof z.ZodNullable) return `${takesOf(schema.def.innerType)} or null`
  const inner = innerOf(schema)
  if (inner) return takesOf(inner)
  return ownWords(schema) ?? plainWords(schema)
}

/** What stands where nothing is configured; '' where nothing does. */
export function defaultOf(path: string, schema: Schema): string {
  if (schema instanceof z.ZodDefault) return show(path, schema.def.defaultValue)
  if (schema instanceof z.ZodPipe) return defaultOf(path, schema.def.in)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return defaultOf(path, schema.def.innerType)
  }
  return ''
}

/** "must be a function" of an error is "a function"; what comes after a colon is advice. */
function ownWords(schema: Schema): string | undefined {
  const said = complaintOf(schema)
  if (said === undefined || /^must (?!be )/.test(said)) return undefined
  return /^must be (?<what>[^:;]+)/.exec(said)?.groups?.['what'] ?? 'nothing'
}

/** What a schema says of a value it can't take; `undefined` where it leaves that to zod. */
export function complaintOf(schema: Schema): string | undefined {
  if (schema instanceof z.ZodOptional) return complaintOf(schema.def.innerType)
  if (!(schema instanceof z.ZodCustom || schema instanceof z.ZodUnion)) return undefined
  const said = schema.def.error?.({ code: 'custom', input: 0, path: [] } as never)
  return typeof said === 'string' ? said : said?.message
}

function plainWords(schema: Schema): string {
  if (schema instanceof z.ZodString) return 'text'
  if (schema instanceof z.ZodBoolean) return 'true or false'
  if (schema instanceof z.ZodNumber) return schema.format ? 'whole number' : 'number'
  if (schema instanceof z.ZodDate) return 'a Date'
  if (schema instanceof z.ZodEnum) return oneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return oneOf([...schema.values])
  if (schema instanceof z.ZodArray) return `list of ${takesOf(schema.element as Schema)}`
  if (schema instanceof z.ZodRecord) {
    return `object, for each name ${takesOf(schema.valueType as Schema)}`
  }
  if (schema instanceof z.ZodObject) return 'object'
  if (schema instanceof z.ZodUnion) {
    return [...new Set(schema.options.map((option) => takesOf(option as Schema)))].join(', or ')
  }
  return 'anything'
}

function oneOf(values: readonly unknown[]): string {
  return values.map((value) => show('', value)).join(', ')
}
