/**
 * What a new app's package.json asks npm for. From an installed package: its version. From a
 * checkout, where that version may not be published: a tarball, packed once per state of the sources.
 */
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { packageFolder, packageVersion } from './home.ts'
import { runTool } from './tool.ts'

/** What a package is made of; `dist/` is built anew from it. */
const sources = [
  'LICENSE',
  'README.md',
  'bin',
  'package.json',
  'src',
  'templates',
  'tsconfig.build.json',
  'tsconfig.json',
]

/** The dependency on Catamaran that an app made by this copy needs; `notice` hears of slow work. */
export async function dependencyRange(notice: (line: string) => void): Promise<string> {
  const isCheckout = existsSync(join(packageFolder(), 'tsconfig.build.json'))
  return isCheckout ? `file:${await packOnce(notice)}` : `^${packageVersion()}`
}

async function packOnce(notice: (line: string) => void): Promise<string> {
  const cache = join(packageFolder(), '.cache')
  const tarball = join(cache, `catamaran-${packageVersion()}-${sourceHash()}.tgz`)
  if (existsSync(tarball)) return tarball
  notice('Packing Catamaran from its checkout; the next time this is quick.')
  mkdirSync(cache, { recursive: true })
  // A copy, because packing rebuilds dist/, and dist/ may be what is running here. It stands inside
  // the checkout so that the build finds the compiler and the types in node_modules.
  const stage = mkdtempSync(join(cache, 'pack-'))
  try {
    for (const name of sources) copyInto(stage, name)
    // Both words of the tools go to the standard error output: ours is for the next steps.
    await runTool(process.execPath, ['bin/build.js'], { cwd: stage, stdio: ['ignore', 2, 2] })
    writeManifest(stage)
    const quietly = ['pack', '--ignore-scripts', '--loglevel=error']
    await runTool('npm', quietly, { cwd: stage, stdio: ['ignore', 'ignore', 2] })
    renameSync(join(stage, `catamaran-${packageVersion()}.tgz`), tarball)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
  return tarball
}

/**
 * Without what only a checkout needs: npm would run, or warn of, the scripts of a `file:`
 * package.
 */
function writeManifest(stage: string): void {
  const file = join(stage, 'package.json')
  const { scripts, devDependencies, allowScripts, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, `${JSON.stringify(rest, null, 2)}\n`)
}

function copyInto(stage: string, name: string): void {
  const from = join(packageFolder(), name)
  if (existsSync(from)) cpSync(from, join(stage, name), { recursive: true })
}

/** Names and texts of all sources: the same state gives the same tarball name. */
function sourceHash(): string {
  const hash = createHash('sha256')
  for (const file of sources.flatMap(filesUnder)) {
    const text = readFileSync(join(packageFolder(), file))
    hash.update(`${file}\0${text.length}\0`).update(text)
  }
  return hash.digest('hex').slice(0, 16)
}

function filesUnder(name: string): string[] {
  const path = join(packageFolder(), name)
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [name]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(packageFolder(), join(entry.parentPath, entry.name)))
    .sort()
}
