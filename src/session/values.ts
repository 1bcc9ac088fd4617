/**
 * Refuses what JSON would silently change or drop, by the path where it stands.
 */
import { CatamaranError } from '../errors.ts'

/**
 * Checks the values of a session that is about to be stored.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE` naming the path: BigInt, cycle, function, symbol, Map, Set, NaN
 */
export function refuseUnstorable(value: unknown, path = 'session'): void {
  const found = unstorableIn(value, [])
  if (found) throw new CatamaranError('E_SESSION_VALUE', [path + found.path, found.fault])
}

interface Unstorable {
  /** Where below the value asked about it stands, as `.cart.total`. */
  readonly path: string
  readonly fault: string
}

/** Names a path only when something stands there: nearly all sessions are fine. */
function unstorableIn(value: unknown, above: object[]): Unstorable | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined
  const fault = faultOf(value, above)
  if (fault) return { path: '', fault }
  if (typeof value !== 'object' || hasOwnText(value)) return undefined
  above.push(value)
  for (const key of Object.keys(value)) {
    const found = unstorableIn(value[key as keyof typeof value], above)
    if (found) return { path: `.${key}${found.path}`, fault: found.fault }
  }
  above.pop()
  return undefined
}

function faultOf(value: unknown, above: readonly object[]): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (typeof value === 'bigint') return 'a BigInt'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`
  return above.includes(value) ? 'an object that holds itself' : undefined
}

/** A Date and its like say themselves what is stored. */
function hasOwnText(value: object): boolean {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
