/**
 * Sees when the files an app is made of change: all below `config/` and `api/`, what these import, `.env` and
 * the like. The system's events are only hints: what counts is how the files look when they have come to rest.
 */
import { type Dirent, type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { isMissing } from '../config/find.ts'

/** What changed, and when the first sign of it was seen (`performance.now()`). */
export interface Change {
  /** From the app's folder, with slashes. */
  readonly files: readonly string[]
  readonly since: number
}

export interface AppWatch {
  /** Resolves at the next change. */
  next(): Promise<Change>
  /** Takes a file in that the app imports. */
  add(file: string): void
  close(): void
}

/** **Milliseconds** without a sign after which files count as saved: many saves are one change. */
const rest = 50

const folders = ['config', 'api']
const beside = ['.env', '.sailsrc', '.catamaranrc', 'package.json']
/** Names no app loads: of editors, of the system, of tests. */
const ignored = /^\.|~$|^node_modules$|\.(test|spec)\.[cm]?[jt]s$/

/** Begins to watch the app in a folder. */
export function watchApp(root: string): AppWatch {
  const imported = new Set(beside.map((name) => join(root, name)))
  let watchers = new Map<string, FSWatcher>()
  let waiting = Promise.withResolvers<Change>()
  let since: number | undefined
  let timer: NodeJS.Timeout | undefined
  let stamps = look()

  /** How all files look; folders are watched before they are read, so that nothing slips through. */
  function look(): Map<string, string> {
    const old = watchers
    watchers = new Map()
    const found = new Map<string, string>()
    watchFolder(root)
    for (const folder of folders) lookInto(join(root, folder), found)
    for (const file of imported) take(file, found)
    for (const watcher of old.values()) watcher.close()
    return found
  }

  function lookInto(folder: string, found: Map<string, string>): void {
    watchFolder(folder)
    for (const entry of entriesOf(folder)) {
      if (ignored.test(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) lookInto(path, found)
      else found.set(path, stampOf(path) ?? '')
    }
  }

  function take(file: string, found: Map<string, string>): void {
    watchFolder(dirname(file))
    found.set(file, stampOf(file) ?? '')
  }

  /** Where a folder is missing, the one above it shows when it comes. */
  function watchFolder(folder: string): void {
    if (watchers.has(folder)) return
    try {
      watchers.set(folder, watch(folder, hint).on('error', hint))
    } catch (error) {
      if (!isMissing(error)) throw error
      watchFolder(dirname(folder))
    }
  }

  function hint(): void {
    since ??= performance.now()
    clearTimeout(timer)
    timer = setTimeout(compare, rest)
  }

  function compare(): void {
    const before = stamps
    stamps = look()
    const all = new Set([...before.keys(), ...stamps.keys()])
    const changed = [...all].filter((file) => before.get(file) !== stamps.get(file))
    const files = changed.map((file) => relative(root, file).replaceAll(sep, '/'))
    if (files.length > 0) waiting.resolve({ files, since: since ?? performance.now() })
    since = undefined
  }

  return {
    next() {
      waiting = Promise.withResolvers()
      return waiting.promise
    },
    add(file) {
      if (stamps.has(file)) return
      imported.add(file)
      take(file, stamps)
    },
    close() {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** Changes whenever a file does; `undefined` where none can be looked at. */
function stampOf(path: string): string | undefined {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return undefined
  }
}

/** Folders come and go while somebody works. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
