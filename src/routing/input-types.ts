/**
 * The inputs of Sails' actions, `{ email: { type: 'string', required: true, isEmail: true } }`: read once,
 * then asked per request. Types are forgiving where values come as texts.
 */
import { isPlain } from '../config/layers.ts'
import { rules } from './input-rules.ts'

/** Reads one input: its value, or why it does not fit. */
export type ReadInput = (value: unknown) => { readonly value: unknown } | { readonly why: string }

type Report = (what: string, fix: string) => unknown

const typeNames = ['string', 'number', 'boolean', 'json', 'ref']

/** What may stand beside the type without changing what fits. */
const words = [
  'description',
  'friendlyName',
  'extendedDescription',
  'moreInfoUrl',
  'whereToGet',
  'example',
  'hidden',
  'advanced',
]
const known = ['type', 'required', 'defaultsTo', 'allowNull', 'custom', 'readOnly', 'protect']

/** Makes the reader of one declared input; what it can't promise to check is reported. */
export function compileInput(name: string, declared: unknown, report: Report): ReadInput {
  const input = isPlain(declared) ? declared : {}
  if (!isPlain(declared)) report(`input '${name}' is no object`, "Write { type: 'string' }.")
  const { required, defaultsTo, allowNull, custom } = input
  const type = input['type'] ?? typeOfExample(input['example'] ?? emptied(defaultsTo))
  for (const word of wordsOf(type).filter((word) => !typeNames.includes(String(word)))) {
    report(`input '${name}' has no type '${word}'`, `Use ${typeNames.join(', ')}.`)
  }
  const checks = Object.entries(input).flatMap(([rule, setting]) => {
    if (known.includes(rule) || words.includes(rule)) return []
    const check = Object.hasOwn(rules, rule) ? rules[rule] : undefined
    if (!check) report(`input '${name}' has no rule '${rule}'`, 'Use `custom` with a function.')
    if (!check || setting === false) return []
    return [(value: unknown) => check(value, setting)]
  })

  return (value) => {
    if (value === undefined) return required ? { why: 'is required' } : { value: defaultsTo }
    if (value === null && allowNull) return { value }
    const cast = castTo(type, value)
    if (cast === undefined) return { why: `is no ${nameOf(type)}` }
    if (required && cast === '') return { why: 'is required, and empty' }
    for (const check of checks) {
      const why = check(cast)
      if (why) return { why }
    }
    if (typeof custom === 'function' && !custom(cast)) return { why: 'is not allowed' }
    return { value: cast }
  }
}

function typeOfExample(example: unknown): unknown {
  if (example === undefined || example === '===') return 'ref'
  if (Array.isArray(example)) return example.slice(0, 1).map(typeOfExample)
  if (isPlain(example)) return mapValues(example, typeOfExample)
  return example === '*' || example === null ? 'json' : typeof example
}

/** A value to begin with does not say what else a list or an object may hold. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return []
  return isPlain(value) ? {} : value
}

/** The plain types that a type is made of. */
function wordsOf(type: unknown): unknown[] {
  if (Array.isArray(type)) return type.flatMap(wordsOf)
  return isPlain(type) ? Object.values(type).flatMap(wordsOf) : [type]
}

/** The value as the type wants it, or `undefined`. */
function castTo(type: unknown, value: unknown): unknown {
  if (type === 'string') return typeof value === 'string' ? value : castText(value)
  if (type === 'number') return castNumber(value)
  if (type === 'boolean') return booleans.get(value)
  if (Array.isArray(type)) return Array.isArray(value) ? castItems(type, value) : undefined
  if (isPlain(type)) return isPlain(value) ? castFields(type, value) : undefined
  return value
}

/** An empty list of types takes any items. */
function castItems([type]: readonly unknown[], values: readonly unknown[]): unknown {
  if (type === undefined) return values
  const cast = values.map((value) => castTo(type, value))
  return cast.includes(undefined) ? undefined : cast
}

/** All that are named must be there, others are left out; an empty object of types takes any fields. */
function castFields(types: Record<string, unknown>, values: Record<string, unknown>): unknown {
  if (Object.keys(types).length === 0) return values
  const cast = mapValues(types, (type, name) => {
    return castTo(type, Object.hasOwn(values, name) ? values[name] : undefined)
  })
  return Object.values(cast).includes(undefined) ? undefined : cast
}

function mapValues<V>(given: Record<string, unknown>, make: (value: unknown, key: string) => V) {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, make(value, key)]))
}

function castText(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function castNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  [1, true],
  ['1', true],
  [false, false],
  ['false', false],
  [0, false],
  ['0', false],
])

function nameOf(type: unknown): string {
  if (Array.isArray(type)) return type.length > 0 ? `list of ${nameOf(type[0])}` : 'list'
  if (!isPlain(type)) return String(type)
  const fields = Object.entries(type).map(([name, inner]) => `${name}: ${nameOf(inner)}`)
  return fields.length > 0 ? `object of ${fields.join(', ')}` : 'object'
}
