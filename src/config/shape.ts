/**
 * Reads a schema: which keys stand at a path, what they are called, what is said about them.
 * The only file that looks inside zod's schemas.
 */
import type * as zod from 'zod'
import { type KeyMeta, keyMeta } from './kinds.ts'
import { z } from './zod.ts'

/** Any schema, or `undefined` where none knows the path. */
export type Schema = zod.core.$ZodType | undefined

/** Gives the keys a schema names; none for records, lists and single values. */
export function keysOf(schema: Schema): string[] {
  const bare = unwrap(schema)
  if (bare instanceof z.ZodObject) return Object.keys(bare.shape)
  if (bare instanceof z.ZodUnion) return bare.options.flatMap(keysOf)
  return []
}

/** Gives the schema of one key, through defaults, unions and records. */
export function childOf(schema: Schema, key: string): Schema {
  const bare = unwrap(schema)
  if (bare instanceof z.ZodObject)
    return Object.hasOwn(bare.shape, key) ? bare.shape[key] : undefined
  if (bare instanceof z.ZodRecord) return bare.valueType
  if (bare instanceof z.ZodUnion) {
    return bare.options.map((option) => childOf(option, key)).find((child) => child !== undefined)
  }
  return undefined
}

/** All paths, at most three keys deep, that end in this word, however it is written. */
export function pathsOf(word: string, schema: Schema, above: readonly string[] = []): string[][] {
  return keysOf(schema).flatMap((key) => {
    const path = [...above, key]
    const below = path.length < 3 ? pathsOf(word, childOf(schema, key), path) : []
    return plain(key) === plain(word) ? [path, ...below] : below
  })
}

function plain(word: string): string {
  return word.replaceAll(/[_-]/g, '').toLowerCase()
}

/** Gives what the schema says about a key beside its type. */
export function metaOf(schema: Schema): KeyMeta {
  return (schema && keyMeta.get(schema)) ?? {}
}

/** True when the schema takes the value as it is. */
export function accepts(schema: Schema, value: unknown): boolean {
  return schema === undefined || z.core.safeParse(schema, value, { jitless: true }).success
}

/** Takes off what only adds a default, a transformation or the right to be absent. */
function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema)
  return inner ? unwrap(inner) : schema
}

/** The schema within one that only adds a default, a transformation or the right to be absent. */
export function innerOf(schema: Schema): Schema {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return schema.def.innerType
  }
  if (!(schema instanceof z.ZodPipe)) return undefined
  return schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in
}
