/**
 * Reads a command's options without the parser library, from a line that holds nothing but options as
 * its help writes them: `--port 80`, `--port=80`, `--prod`. Loading the library takes 40 ms, a tenth of a start.
 * Whatever is not that plain is left to the library: help, other words, short forms, mistakes.
 */
import type { Command, CommandOption } from './command.ts'

/** Options as they were given, by name. */
export type Options = Readonly<Record<string, string | boolean>>

/** Every command has it. */
const verbose: CommandOption = {
  type: 'boolean',
  summary: 'Print the stack of an unexpected error',
}

/** The options of a command, with those that all commands have. */
export function optionsOf(command: Command): Readonly<Record<string, CommandOption>> {
  return { ...command.options, verbose }
}

/** Gives the options by name, or `undefined` where the line is not plain. */
export function readPlainly(words: readonly string[], command: Command): Options | undefined {
  if (command.operands) return undefined
  const known = optionsOf(command)
  const values: Record<string, string | boolean> = {}
  for (const [name, option] of Object.entries(known)) {
    if (option.default !== undefined) values[name] = option.default
  }
  for (let index = 0; index < words.length; index += 1) {
    const [, name = '', given] = /^--([a-z]+)(?:=(.+))?$/s.exec(words[index] ?? '') ?? []
    if (!Object.hasOwn(known, name)) return undefined
    if (known[name]?.type === 'boolean') {
      if (given !== undefined) return undefined
      values[name] = true
      continue
    }
    if (given === undefined) index += 1
    const value = given ?? words[index] ?? ''
    if (value === '' || (given === undefined && value.startsWith('-'))) return undefined
    values[name] = value
  }
  return values
}
