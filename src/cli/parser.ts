/**
 * Command lines that are more than plain: help, suggestions, whatever else the parser library reads.
 * Knows how a command is told to the library, not what any command does.
 */
import { CommanderError, Option, Command as Parser } from 'commander'
import type { Command, CommandOption } from './command.ts'
import { packageVersion } from './home.ts'
import { type Options, optionsOf } from './plain.ts'
import type { Terminal } from './terminal.ts'

/** Runs a command whose options are read; answers the exit code. */
export type Run = (
  command: Command,
  options: Options,
  operands?: readonly string[],
) => Promise<number>

export interface Context {
  /** By name. */
  readonly commands: ReadonlyMap<string, Command>
  readonly terminal: Terminal
  readonly run: Run
}

/** Reads a line and runs the command it means; answers the exit code. */
export async function parseLine(
  line: readonly string[],
  { commands, terminal, run }: Context,
): Promise<number> {
  const program = createProgram(terminal)
  let exitCode = 0
  for (const [name, command] of commands) {
    const parser = addCommand(program, name, command)
    parser.action(async () => {
      exitCode = await run(command, parser.opts(), parser.args)
    })
  }
  try {
    await program.parseAsync([...line], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
}

function createProgram(terminal: Terminal): Parser {
  return new Parser('catamaran')
    .description('One session, two hulls: a server for HTTP and WebSocket.')
    .version(packageVersion(), '-v, --version', 'Print the version')
    .helpOption('-h, --help', 'Print this help')
    .helpCommand('help [command]', 'Print the help of a command')
    .showHelpAfterError('`catamaran --help` lists commands, `catamaran <command> --help` options.')
    .exitOverride()
    .configureHelp({ styleTitle: (text) => terminal.paint('bold', text) })
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
    })
}

function addCommand(program: Parser, name: string, command: Command): Parser {
  const parser = program
    .command(name)
    .description(command.summary)
    .allowExcessArguments(false)
    .addHelpText('after', `\n${program.createHelp().styleTitle('Example:')}\n${indent(command)}`)
  for (const { name: word, summary } of command.operands ?? []) {
    parser.argument(`<${word}>`, summary)
  }
  for (const [key, option] of Object.entries(optionsOf(command))) {
    parser.addOption(createOption(key, option))
  }
  return parser
}

function createOption(key: string, option: CommandOption): Option {
  const flags = option.type === 'boolean' ? `--${key}` : `--${key} <${option.value ?? 'value'}>`
  const made = new Option(flags, option.summary)
  return option.default === undefined ? made : made.default(option.default)
}

const indent = (command: Command): string => command.example.replace(/^/gm, '  ')
