/**
 * Gathers the layers an app's folder gives: `config/*`, `config/env`, `config/local` and the rc files.
 * Files are read side by side; a broken one is a problem, and the others are still read.
 */
import { join } from 'node:path'
import { didYouMean } from './closest.ts'
import { type ConfigFile, findFiles, isMissing } from './find.ts'
import type { Layer } from './layers.ts'
import type { Problem } from './problems.ts'
import { createReader } from './read.ts'
import { configSchema, isEnvironmentName } from './schema.ts'
import { keysOf } from './shape.ts'
import { type Unpacked, unpackAll, unpackSubject } from './unpack.ts'

/** What the app's folder says. */
export interface Gathered {
  /** The name that chose the files in `config/env`. */
  readonly environment: string
  /** Low to high. */
  readonly layers: readonly Layer[]
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
  /** Subject → its file in `config/`. */
  readonly homes: ReadonlyMap<string, string>
  /** Subjects whose file could not be read; `*` when the file may hold any. */
  readonly broken: ReadonlySet<string>
}

const rcFiles = ['.sailsrc', '.catamaranrc']

/** Reads every config file of an app. `environment`: its name, where something stronger than files sets it. */
export async function gather(root: string, environment: string | undefined): Promise<Gathered> {
  const known = keysOf(configSchema)
  const files = createFileReader(known)
  const top = await findFiles(root, 'config')
  const [locals, own] = split(top.files, 'local')
  const [subjects, local, rc] = await Promise.all([
    files.readSubjects(own),
    files.readWholes(locals),
    files.readWholes(rcFiles.map((name) => ({ subject: name, path: join(root, name), name }))),
  ])
  const name = environment ?? environmentIn([...local, ...rc]) ?? 'development'
  const env = await findEnvironment(root, name)
  const [folder, beside] = await Promise.all([
    files.readSubjects(env.folder),
    files.readWholes(env.beside),
  ])
  return {
    environment: name,
    layers: [...subjects, ...folder, ...beside, ...local, ...rc],
    problems: [...top.problems, ...env.problems, ...files.problems],
    notes: uncheckedNotes([...own, ...env.folder], known),
    homes: new Map(own.map((file) => [file.subject, file.name])),
    broken: files.broken,
  }
}

/** Reads files into layers, and keeps what goes wrong. */
function createFileReader(known: readonly string[]) {
  const read = createReader()
  const problems: Problem[] = []
  const broken = new Set<string>()

  /** Reads files of one subject each. */
  async function readSubjects(files: readonly ConfigFile[]): Promise<Layer[]> {
    const layers = files.map((file) =>
      readFile(file, file.subject, (content) =>
        unpackSubject(content, file.subject, known.includes(file.subject)),
      ),
    )
    return (await Promise.all(layers)).flat()
  }

  /** Reads files that hold several subjects by name. */
  async function readWholes(files: readonly ConfigFile[]): Promise<Layer[]> {
    return (await Promise.all(files.map((file) => readFile(file, '*', unpackAll)))).flat()
  }

  async function readFile(
    file: ConfigFile,
    holds: string,
    unpack: (content: Readonly<Record<string, unknown>>) => Unpacked,
  ): Promise<Layer[]> {
    try {
      const unpacked = unpack(await read(file.path))
      if ('values' in unpacked) return [{ source: file.name, values: unpacked.values }]
      problems.push({ place: file.name, advice: unpacked.fault })
    } catch (error) {
      if (isMissing(error) && rcFiles.includes(file.name)) return []
      const { explain } = await import('./explain.ts')
      problems.push(explain(error, file, holds === '*'))
    }
    broken.add(holds)
    return []
  }

  return { readSubjects, readWholes, problems, broken }
}

/** Finds the files of one environment. The name may come from outside: it must not lead elsewhere. */
async function findEnvironment(root: string, name: string) {
  if (!isEnvironmentName(name)) return { folder: [], beside: [], problems: [] }
  const [folder, all] = await Promise.all([
    findFiles(root, `config/env/${name}`),
    findFiles(root, 'config/env'),
  ])
  const [beside] = split(all.files, name)
  return { folder: folder.files, beside, problems: [...folder.problems, ...all.problems] }
}

function split(files: readonly ConfigFile[], subject: string): [ConfigFile[], ConfigFile[]] {
  const isIt = (file: ConfigFile) => file.subject === subject
  return [files.filter(isIt), files.filter((file) => !isIt(file))]
}

function environmentIn(layers: readonly Layer[]): string | undefined {
  const names = layers.map(({ values }) => values['environment'])
  return names.findLast((name) => typeof name === 'string')
}

/** These hold whatever the app wants. */
const free = ['bootstrap', 'custom']

function uncheckedNotes(files: readonly ConfigFile[], known: readonly string[]): string[] {
  const others = files.filter(({ subject }) => ![...known, ...free].includes(subject))
  if (others.length === 0) return []
  const names = others.map(({ name, subject }) => name + didYouMean(subject, known))
  return [`loaded unchecked, no schema knows them: ${names.join(', ')}`]
}
