/**
 * Mistakes in an app's files: collected while everything is read, told all at once.
 */
import { closest } from '../config/closest.ts'
import { CatamaranError } from '../errors.ts'

/** One mistake: the file or key it stands in, what is wrong there, and how to mend it. */
export interface Problem {
  readonly where: string
  readonly what: string
  readonly fix: string
}

/** Takes note of a mistake; the place is known to whoever made the function. */
export type Report = (what: string, fix: string) => void

/**
 * Ends the start when there are mistakes.
 *
 * @throws {CatamaranError} `E_APP_FILES` that lists every one of them
 */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map(({ where, what, fix }) => `  ${where} · ${what}\n    → ${fix}`)
  throw new CatamaranError('E_APP_FILES', [count, lines.join('\n')])
}

/** What to do about an unknown name: the known one that was probably meant, else `otherwise`. */
export function suggest(name: string, known: Iterable<string>, otherwise: string): string {
  const near = closest(name, known)
  return near === undefined ? otherwise : `Did you mean '${near}'?`
}
