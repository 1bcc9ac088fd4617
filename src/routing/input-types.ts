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
  const type = input['type'] ?? typeOfExample(input['example'] ?? defaultsTo)
  const isList = Array.isArray(type)
  if (!isList && !isPlain(type) && !typeNames.includes(String(type))) {
    report(`input '${name}' has no type '${type}'`, `Use ${typeNames.join(', ')}.`)
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
  if (Array.isArray(example) || isPlain(example)) return example
  return example === '*' || example === null ? 'json' : typeof example
}

/** The value as the type wants it, or `undefined`. */
function castTo(type: unknown, value: unknown): unknown {
  if (type === 'string') return typeof value === 'string' ? value : castText(value)
  if (type === 'number') return castNumber(value)
  if (type === 'boolean') return booleans.get(value)
  if (Array.isArray(type)) return Array.isArray(value) ? value : undefined
  if (isPlain(type)) return isPlain(value) ? value : undefined
  return value
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
  if (Array.isArray(type)) return 'list'
  return isPlain(type) ? 'object' : String(type)
}
