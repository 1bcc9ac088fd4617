/**
 * Renders templates/app into a folder: every file, in order, with its placeholders filled.
 * Runs nothing and installs nothing; on a failure it leaves nothing behind.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { CatamaranError } from '../errors.ts'
import { packageFolder } from './home.ts'
import { reason } from './reason.ts'

export interface AppPlan {
  readonly folder: string
  /** A valid npm name, made of the folder's. */
  readonly name: string
}

/** Names npm refuses, or that would make the app depend on itself. */
const reserved = new Set(['node_modules', 'favicon.ico', 'catamaran'])

/**
 * Says where the app goes and what its package is called.
 *
 * @throws {CatamaranError} `E_NEW_NAME` when no package can be called like that
 */
export function planApp(wanted: string, cwd: string): AppPlan {
  const folder = resolve(cwd, wanted)
  const name = packageName(basename(folder))
  const odd = /[\p{Cc}]/u.test(wanted) || wanted.trim() === ''
  if (odd || name === '' || name.length > 214 || reserved.has(name)) {
    throw new CatamaranError('E_NEW_NAME', [JSON.stringify(wanted)])
  }
  return { folder, name }
}

/** `Ada's Blog` becomes `ada-s-blog`. */
function packageName(folder: string): string {
  const plain = folder.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^a-z0-9._~-]+/g, '-').replace(/^[-._~]+|[-._~]+$/g, '')
}

/** @throws {CatamaranError} `E_NEW_NOT_EMPTY`, or `E_NEW_WRITE` when it is no folder */
export function assertEmpty(folder: string): void {
  if (contents(folder).length > 0) throw new CatamaranError('E_NEW_NOT_EMPTY', [folder])
}

function contents(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new CatamaranError('E_NEW_WRITE', [folder, reason(cause)], { cause })
  }
}

/**
 * Writes the app.
 *
 * @param range - what package.json asks npm for: a version range or a `file:` address
 * @throws {CatamaranError} `E_NEW_WRITE` when the folder cannot be written
 */
export function writeApp(plan: AppPlan, range: string): void {
  assertEmpty(plan.folder)
  const catamaran = JSON.stringify(range).slice(1, -1) // it goes between quotes, as a path may be odd
  const values = { name: plan.name, catamaran, secret: randomBytes(32).toString('hex') }
  let made: string | undefined
  try {
    made = makeFolder(plan.folder)
    for (const file of templateFiles()) writeFile(plan.folder, file, values)
  } catch (cause) {
    clean(made, plan.folder)
    throw new CatamaranError('E_NEW_WRITE', [plan.folder, reason(cause)], { cause })
  }
}

/**
 * Makes a folder and those above it; gives the topmost one it made.
 * Not `mkdir` with `recursive`: below /proc that never returns (Node 24).
 */
function makeFolder(folder: string): string | undefined {
  if (existsSync(folder)) return undefined
  const above = makeFolder(dirname(folder))
  mkdirSync(folder)
  return above ?? folder
}

function writeFile(folder: string, file: string, values: Readonly<Record<string, string>>): void {
  const text = readFileSync(join(templateFolder(), file), 'utf8')
  const filled = text.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole)
  const target = join(folder, dirname(file), finalName(basename(file)))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, filled, { mode: basename(target) === '.env' ? 0o600 : 0o666 })
}

/**
 * npm leaves dot files out of a package, and a second package.json would change what its
 * folder is.
 */
const finalName = (name: string): string =>
  name === '_package.json' ? 'package.json' : name.replace(/^_/, '.')

/**
 * Takes back what a failed writing left: the folders we made, or our files in one that was
 * there.
 */
function clean(made: string | undefined, folder: string): void {
  const ours = templateFiles().map((file) => finalName(file.split(sep)[0] ?? file))
  const left = made === undefined ? ours.map((name) => join(folder, name)) : [made]
  for (const path of left) rmSync(path, { recursive: true, force: true })
}

const templateFolder = (): string => join(packageFolder(), 'templates', 'app')

function templateFiles(): string[] {
  return readdirSync(templateFolder(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(templateFolder(), join(entry.parentPath, entry.name)))
    .sort()
}
