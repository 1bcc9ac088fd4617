/**
 * How a failure reads: what happened, then what to do. No stack unless somebody asks for one.
 */
import type { Terminal } from './terminal.ts'

/** Prints one error to the standard error output. */
export function printFailure(
  error: unknown,
  terminal: Terminal,
  { stack }: { readonly stack: boolean },
): void {
  const { message, hint } = failureWords(error)
  terminal.warn(`${terminal.paintWarning(['bold', 'red'], 'error:')} ${message}`)
  if (hint) terminal.warn(`${terminal.paintWarning('bold', 'hint:')}  ${hint}`)
  else if (!stack) terminal.warn('`--verbose` prints where this happened.')
  if (stack && error instanceof Error) terminal.warn(withCauses(error))
}

/**
 * What happened and what to do. By shape, not by class: an app's config file may throw the error of its own copy of
 * Catamaran.
 */
export function failureWords(error: unknown): { message: string; hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message } = error
  return 'hint' in error && typeof error.hint === 'string'
    ? { message, hint: error.hint }
    : { message }
}

function withCauses(error: Error): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\nCaused by: ${withCauses(error.cause)}` : own
}
