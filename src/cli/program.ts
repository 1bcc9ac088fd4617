/**
 * From words to a command: finds it, has its options read, runs it, answers the exit code.
 * Only the command that was asked for is loaded. Exit codes: 0 done, 1 failed, 2 wrongly called.
 */
import type { Command, Values } from './command.ts'
import { splitOverrides } from './overrides.ts'
import type { Run } from './parser.ts'
import { type Options, readPlainly } from './plain.ts'
import type { Terminal } from './terminal.ts'

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  new: async () => (await import('./new.ts')).newApp,
  lift: async () => (await import('./lift.ts')).lift,
  dev: async () => (await import('./dev.ts')).dev,
  generate: async () => (await import('./generate.ts')).generate,
  secret: async () => (await import('./secret.ts')).secret,
  routes: async () => (await import('./routes.ts')).routes,
  config: async () => (await import('./config.ts')).config,
  doctor: async () => (await import('./doctor.ts')).doctor,
  sessions: async () => (await import('./sessions.ts')).sessions,
}

/** Runs one command line (without node and file name) and answers the exit code. */
export async function runCommand(line: readonly string[], terminal: Terminal): Promise<number> {
  const asked = line[0] ?? ''
  const loaded = await loadCommands(asked)
  const command = loaded.get(asked)
  const { rest, overrides } = command?.takesConfig
    ? splitOverrides(line)
    : { rest: line, overrides: {} }
  const run: Run = (meant, options, operands = []) =>
    // They were read by the very table the command's types are made of.
    attempt(
      () => meant.run(options as Values, terminal, { operands, overrides }),
      options,
      terminal,
    )

  const options = command && readPlainly(rest.slice(1), command)
  if (command && options) return run(command, options)
  const { parseLine } = await import('./parser.ts')
  return parseLine(rest, { commands: loaded, terminal, run })
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
  work: () => number | Promise<number>,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const { printFailure } = await import('./failure.ts')
    const development = terminal.environment['NODE_ENV'] === 'development'
    printFailure(error, terminal, { stack: development || options['verbose'] === true })
    return 1
  }
}
