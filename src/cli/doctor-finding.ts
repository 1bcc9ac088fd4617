/**
 * What `catamaran doctor` finds, and how it reads.
 */
import type { Config } from '../config/schema.ts'
import { hideSecrets } from '../config/show.ts'
import type { Style, Terminal } from './terminal.ts'

/** One thing that was looked at, or one thing to mend. */
export interface Finding {
  /** What was looked at: `secret`, `cookie`, `store`, … */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly what: string
  /** What to do; only where something is to be done. */
  readonly fix?: string
}

/** A check of a configuration that the schemas took. It finds something in any case. */
export type Check = (config: Config) => Promise<readonly Finding[]>

/** Makes the findings of one subject. */
export function findingsOf(check: string) {
  return {
    ok: (what: string): Finding => ({ check, level: 'ok', what }),
    warning: (what: string, fix: string): Finding => ({ check, level: 'warning', what, fix }),
    error: (what: string, fix: string): Finding => ({ check, level: 'error', what, fix }),
  }
}

/** Takes out passwords that an address in somebody's message may hold. */
export function withoutSecrets({ what, fix, ...rest }: Finding): Finding {
  return { ...rest, what: hideSecrets(what), ...(fix !== undefined && { fix: hideSecrets(fix) }) }
}

const colours: Readonly<Record<Finding['level'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  error: 'red',
}

/** Prints one line per finding, and its fix below. */
export function printFindings(findings: readonly Finding[], terminal: Terminal): void {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const margin = ' '.repeat('warning'.length + width + 4)
  for (const { check, level, what, fix } of findings) {
    const [first, ...others] = what.split('\n')
    const word = terminal.paint(colours[level], level.padEnd('warning'.length))
    terminal.print(`${word}  ${check.padEnd(width)}  ${first}`)
    for (const line of others) terminal.print(margin + line)
    if (fix) terminal.print(margin + terminal.paint('dim', `→ ${fix}`))
  }
}
