/**
 * What went wrong in SQLite, as an error of ours.
 */
import { CatamaranError } from '../../errors.ts'
import { type Fault, kindOf } from './sqlite-fault.ts'

/** `E_STORE_FULL` when there is no room, else `E_STORE_DOWN`; SQLite's words are the cause. */
export function storeError(fault: Fault): CatamaranError {
  const code = kindOf(fault) === 'full' ? 'E_STORE_FULL' : 'E_STORE_DOWN'
  return new CatamaranError(code, ['sqlite'], { cause: new Error(fault.message) })
}
