/**
 * Refuses what JSON would silently change or drop, by the path where it stands.
 */
import { CatamaranError } from '../errors.ts'

/**
 * Checks the values of a session that is about to be stored.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE` naming the path: BigInt, cycle, function, symbol, Map, Set, NaN
 */
export function refuseUnstorable(value: unknown, path = 'session', above: object[] = []): void {
  const fault = faultOf(value, above)
  if (fault) throw new CatamaranError('E_SESSION_VALUE', [path, fault])
  if (typeof value !== 'object' || value === null || hasOwnText(value)) return
  above.push(value)
  for (const [key, item] of Object.entries(value)) refuseUnstorable(item, `${path}.${key}`, above)
  above.pop()
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
