/**
 * Loads an app's configuration: files, environment, command line and the object given to `lift()`,
 * merged low to high, checked once, with one error that names everything there is to mend.
 */
import { resolve } from 'node:path'
import { check } from './check.ts'
import { gather } from './gather.ts'
import { type Given, optionsOf, variablesOf } from './given.ts'
import { leavesOf, valueAt } from './layers.ts'
import { type Note, notesOf, noteText, plainNote } from './notes.ts'
import { configError, type Problem } from './problems.ts'
import { type Config, configSchema, type Overrides } from './schema.ts'
import { settle } from './settle.ts'
import { stack } from './stack.ts'

/** What stands above the files of the app's folder. */
export interface LoadOptions {
  /** Command line options, nested (`{ session: { ttl: '60' } }`) or dotted (`{ 'session.ttl': '60' }`). */
  readonly arguments?: Readonly<Record<string, unknown>>
  /** Environment variables; `process.env` unless given. */
  readonly environment?: NodeJS.ProcessEnv
  /** The object given to `lift()`: the strongest. */
  readonly overrides?: Overrides
}

/** A checked configuration and its story. */
export interface LoadedConfig {
  readonly config: Config
  /** Dotted path → where the value came from: `default`, `config/session.ts`, `environment PORT`, … */
  readonly sources: ReadonlyMap<string, string>
  /** Warnings for the log. */
  readonly notes: readonly string[]
}

/**
 * Loads and checks the configuration of the app in a folder.
 *
 * @throws {CatamaranError} `E_CONFIG` naming every problem of every file at once
 */
export async function loadConfig(root: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { loaded, problems } = await readConfig(root, options)
  if (loaded === undefined || problems.length > 0) throw configError(problems)
  return { ...loaded, notes: loaded.notes.map(noteText) }
}

/** What was read of a configuration, right or not. */
export interface ReadConfig {
  /** The name of the environment, which chose the files in `config/env`. */
  readonly environment: string
  /** There as soon as the schemas take every value; a problem may still keep the app from starting. */
  readonly loaded: (Omit<LoadedConfig, 'notes'> & { readonly notes: readonly Note[] }) | undefined
  readonly problems: readonly Problem[]
}

/** Reads and checks as `loadConfig` does, and gives the problems instead of throwing them. */
export async function readConfig(root: string, options: LoadOptions = {}): Promise<ReadConfig> {
  const folder = resolve(root)
  const given = [
    ...variablesOf(options.environment ?? process.env),
    ...optionsOf(options.arguments ?? {}),
  ]
  const overrides = options.overrides ?? {}
  const gathered = await gather(folder, environmentOf(given, overrides))
  const merged = stack(gathered, given, overrides)
  const { written, notes } = settle(configSchema, merged)
  const { config, problems } = check(gathered, merged, written)
  const { environment } = gathered
  if (config === undefined) return { environment, loaded: undefined, problems }

  const sources = leavesOf(config).map(
    ([path]) => [path, merged.sources.get(path) ?? 'default'] as const,
  )
  const loaded = {
    config: { ...config, root: folder },
    sources: new Map(sources),
    notes: [...[...gathered.notes, ...notes].map(plainNote), ...notesOf(config, merged)],
  }
  return { environment, loaded, problems }
}

/** The name of the environment, where something stronger than a file sets it. */
function environmentOf(given: readonly Given[], overrides: object): string | undefined {
  const own = given.filter(({ path }) => path.join('.').toLowerCase() === 'environment')
  const names = [...own.map(({ value }) => value), valueAt(overrides, ['environment'])]
  return names.findLast((name) => typeof name === 'string')
}
