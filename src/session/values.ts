/**
 * Refuses what JSON would silently change or drop, by the path where it stands, and what is nested too deep.
 */
import { CatamaranError } from '../errors.ts'
import type { Json } from './merge.ts'

/** Objects in one another: far deeper they can be written, but not be read, compared and merged any more. */
const deepest = 1_000
const tooDeep = `what is nested more than ${deepest} deep`

/**
 * Checks the values of a session that is about to be stored.
 *
 * @param lossy - told instead of what JSON would change or drop, where that is let pass
 * @throws {CatamaranError} `E_SESSION_VALUE` naming the path: BigInt, cycle, function, symbol, Map, Set, NaN
 */
export function refuseUnstorable(
  value: unknown,
  path = 'session',
  lossy?: (error: unknown) => void,
): void {
  const found = unstorableIn(value, [])
  if (!found) return
  if (lossy && found.fault !== tooDeep) {
    lossy(errorOf(path, found))
    const deep = unstorableIn(value, [], true)
    if (deep) throw errorOf(path, deep)
  } else throw errorOf(path, found)
}

function errorOf(path: string, found: Unstorable): CatamaranError {
  return new CatamaranError('E_SESSION_VALUE', [path + found.path, found.fault])
}

/**
 * Gives a value as it will come back.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE`
 */
export function asStored(value: unknown, path: string): Json {
  refuseUnstorable(value, path)
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as Json
  } catch (cause) {
    throw new CatamaranError('E_SESSION_VALUE', [path, String(cause)], { cause })
  }
}

interface Unstorable {
  /** Where below the value asked about it stands, as `.cart.total`. */
  readonly path: string
  readonly fault: string
}

/**
 * Names a path only when something stands there: nearly all sessions are fine.
 *
 * @param onlyDeep - passes over everything but what is too deep
 */
function unstorableIn(value: unknown, above: object[], onlyDeep = false): Unstorable | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined
  const fault = faultOf(value, above)
  if (fault) return onlyDeep && fault !== tooDeep ? undefined : { path: '', fault }
  if (typeof value !== 'object' || hasOwnText(value)) return undefined
  above.push(value)
  for (const key of Object.keys(value)) {
    const found = unstorableIn(value[key as keyof typeof value], above, onlyDeep)
    // The whole way down to what is too deep tells nobody anything.
    if (found?.fault === tooDeep) return { path: `.${key}`, fault: tooDeep }
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
  if (above.length > deepest) return tooDeep
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`
  return above.includes(value) ? 'an object that holds itself' : undefined
}

/** A Date and its like say themselves what is stored. */
function hasOwnText(value: object): boolean {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
