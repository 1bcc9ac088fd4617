/**
 * What a command is: a value that says its summary, its options and what it does.
 * It knows nothing of the parser: program.ts reads these values and calls `run`.
 */
import type { Terminal } from './terminal.ts'

export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly summary: string
  /** What stands for the value in the help of a `string` option. */
  readonly value?: string
  readonly default?: string
}

export type CommandOptions = Readonly<Record<string, CommandOption>>

type Value<O extends CommandOption> = O extends { type: 'boolean' }
  ? boolean | undefined
  : O extends { default: string }
    ? string
    : string | undefined

/** The options as they were given, by name. */
export type Values<O extends CommandOptions = CommandOptions> = {
  readonly [K in keyof O]: Value<O[K]>
}

/** What else stood on the command line. */
export interface Rest {
  /** The words that are no options, for a command with `operands`. */
  readonly operands: readonly string[]
  /** Configuration given as `--session.ttl=60`, for a command that takes it: path to value. */
  readonly overrides: Readonly<Record<string, string>>
}

export interface Command<O extends CommandOptions = CommandOptions> {
  readonly summary: string
  /** Shown at the end of the command's help. */
  readonly example: string
  /** All must be given; a name that ends in `...` takes one word or more. */
  readonly operands?: readonly { readonly name: string; readonly summary: string }[]
  readonly options: O
  /** Whether configuration can be given as `--session.ttl=60`. */
  readonly takesConfig?: boolean
  /** Does the work and answers the exit code; what it throws is printed by failure.ts. */
  run(options: Values<O>, terminal: Terminal, rest: Rest): number | Promise<number>
}

/** Gives a command its types; changes nothing. */
export function command<const O extends CommandOptions>(value: Command<O>): Command<O> {
  return value
}
