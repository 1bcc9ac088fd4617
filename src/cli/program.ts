/**
 * From words to a command: finds it, reads its options, runs it, answers the exit code.
 * Only the command that was asked for is loaded. Exit codes: 0 done, 1 failed, 2 wrongly called.
 */
import { CommanderError, Option, type OptionValues, Command as Parser } from 'commander'
import type { Command, CommandOption } from './command.ts'
import { printFailure } from './failure.ts'
import { packageVersion } from './home.ts'
import { splitOverrides } from './overrides.ts'
import type { Terminal } from './terminal.ts'

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  new: async () => (await import('./new.ts')).newApp,
  lift: async () => (await import('./lift.ts')).lift,
  secret: async () => (await import('./secret.ts')).secret,
  routes: async () => (await import('./routes.ts')).routes,
  config: async () => (await import('./config.ts')).config,
}

/** Runs one command line (without node and file name) and answers the exit code. */
export async function runCommand(line: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal)
  const asked = line[0] ?? ''
  const loaded = await loadCommands(asked)
  const takesConfig = loaded.get(asked)?.takesConfig === true
  const { rest, overrides } = takesConfig ? splitOverrides(line) : { rest: line, overrides: {} }
  let exitCode = 0
  for (const [name, command] of loaded) {
    const parser = addCommand(program, name, command)
    parser.action(async () => {
      const operand = parser.args[0] ?? ''
      exitCode = await attempt(parser, terminal, (options) =>
        command.run(options, terminal, { operand, overrides }),
      )
    })
  }
  try {
    await program.parseAsync([...rest], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
}

/** The one that was asked for; all of them when a help page or a suggestion needs them. */
async function loadCommands(asked: string): Promise<Map<string, Command>> {
  const loaded = new Map<string, Command>()
  for (const [name, load] of Object.entries(commands)) {
    if (asked === name || !Object.hasOwn(commands, asked)) loaded.set(name, await load())
  }
  return loaded
}

async function attempt(
  parser: Parser,
  terminal: Terminal,
  work: (options: OptionValues) => number | Promise<number>,
): Promise<number> {
  const options = parser.opts()
  try {
    return await work(options)
  } catch (error) {
    const development = terminal.environment['NODE_ENV'] === 'development'
    printFailure(error, terminal, { stack: development || options['verbose'] === true })
    return 1
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
  if (command.operand) parser.argument(`<${command.operand.name}>`, command.operand.summary)
  for (const [key, option] of Object.entries(command.options)) {
    parser.addOption(createOption(key, option))
  }
  return parser.option('--verbose', 'Print the stack of an unexpected error')
}

function createOption(key: string, option: CommandOption): Option {
  const flags = option.type === 'boolean' ? `--${key}` : `--${key} <${option.value ?? 'value'}>`
  const made = new Option(flags, option.summary)
  return option.default === undefined ? made : made.default(option.default)
}

const indent = (command: Command): string => command.example.replace(/^/gm, '  ')
