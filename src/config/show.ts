/**
 * Shows configured values to people, never their secrets.
 */
import { inspect } from '../builtin.ts'
import { isPlain } from './layers.ts'

const secretKey = /secret|passw|passphrase|token|credential|private|api_?key|^pass$/i
const hidden = named('(hidden)')

/** Writes a value on one line; secrets, passwords in addresses and private keys are hidden. */
export function show(path: string, value: unknown): string {
  if (value === undefined) return 'not set'
  const options = { depth: 4, breakLength: Infinity, compact: true, maxStringLength: 120 }
  return inspect(mask(path.split('.'), value, 0), options)
}

/** Copies a value without its secrets. Only plain objects and lists are entered, a few levels deep. */
function mask(path: readonly string[], value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'function') return value
  if (isSecret(path)) return hidden
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value instanceof Date || value instanceof RegExp) return value
  if (depth === 4) return named('…')
  if (Array.isArray(value)) return value.map((item) => mask(path, item, depth + 1))
  // Instances are only named: what is inside a client or a store may be secret.
  if (!isPlain(value)) return named(`[${value.constructor?.name ?? 'object'}]`)
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, item]) => [key, mask([...path, key], item, depth + 1)]),
  )
}

function isSecret(path: readonly string[]): boolean {
  const key = path.findLast((part) => !/^\d+$/.test(part)) ?? ''
  return secretKey.test(key) || (key === 'key' && path.at(-2) === 'ssl')
}

function maskText(text: string): unknown {
  return text.includes('-----BEGIN') ? hidden : hideSecrets(text)
}

/** Hides in a text what its addresses say before their last `@` or in a secret-looking query. */
export function hideSecrets(text: string): string {
  return text
    .replace(/(\w:\/\/)\S*@/g, '$1(hidden)@')
    .replace(/([?&][^=&]*(?:pass|secret|token)[^=&]*=)[^&#\s]*/gi, '$1(hidden)')
}

/** Something that prints as these words, without quotes. */
function named(words: string) {
  return { [inspect.custom]: () => words }
}
