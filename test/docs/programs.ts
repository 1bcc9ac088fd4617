/**
 * Type-checks blocks: those in TypeScript under the rules of an app, those in JavaScript without the need to
 * say types. All are compiled at once, from a folder beside the installed packages.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import type { Block } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const compiler = join(root, 'node_modules/typescript/bin/tsc')

/** Compiles the blocks and gives what the compiler says, by page and line. */
export async function problemsOf(blocks: readonly Block[]): Promise<string[]> {
  const folder = join(root, 'node_modules/.cache/docs', String(process.pid))
  await mkdir(folder, { recursive: true })
  try {
    const strict = blocks.filter(({ language }) => language === 'ts')
    const plain = blocks.filter(({ language }) => language !== 'ts')
    const said = await Promise.all([
      problemsIn(join(folder, 'ts'), strict, inApp),
      problemsIn(join(folder, 'js'), plain, inScript),
    ])
    return said.flat()
  } finally {
    await rm(folder, { recursive: true })
  }
}

const inApp = { given: ['ambient.d.ts'], options: { lib: ['es2024'] } }
const inScript = {
  given: ['ambient.d.ts', 'scripts.d.ts'],
  options: { allowJs: true, checkJs: true, strict: false, lib: ['es2024', 'dom'] },
}

async function problemsIn(
  folder: string,
  blocks: readonly Block[],
  { given, options }: { given: readonly string[]; options: object },
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const named = blocks.map((block, at) => ({ block, name: `${at}.${endingOf(block)}` }))
  for (const { block, name } of named) await writeFile(join(folder, name), sourceOf(block).text)
  const declared = given.map((file) => join(root, 'test/fixtures/docs', file))
  const files = [...declared, ...named.map(({ name }) => name)]
  const compilerOptions = { ...appRules, paths: paths(), ...options }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const said = await compile(folder)
  return said.split('\n').flatMap((line) => {
    const [, name, row, words] = /^([^(\s]+)\((\d+),\d+\): (.*)/.exec(line) ?? []
    const found = named.find((one) => one.name === name)
    // What a page declares of its sessions need not fit those of another; the sources have their own check.
    if (!found) return /^ |^$|^[./]*src\//.test(line) ? [] : [line]
    const { page, line: first } = found.block
    return [`${page}:${Number(row) - sourceOf(found.block).above + first - 1} ${words}`]
  })
}

/** The rules that `catamaran new` gives an app. */
const appRules = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  moduleDetection: 'force',
  skipLibCheck: true,
  noEmit: true,
}

/** Leads imports of Catamaran, by its names and as a page asks for the client, to the sources. */
function paths(): Record<string, string[]> {
  const entries = Object.entries(manifest.exports).flatMap(([name, target]) => {
    if (typeof target === 'string') return []
    return [[`catamaran${name.slice(1)}`, [join(root, target['@catamaran/source'])]] as const]
  })
  return {
    ...Object.fromEntries(entries),
    '/catamaran.js': [join(root, 'src/client/client.ts')],
  }
}

function endingOf({ language, code }: Block): string {
  if (language === 'ts') return 'ts'
  return /\brequire\(|\bexports\b/.test(code.replace(/\/\/.*/g, '')) ? 'cjs' : 'mjs'
}

/** The block as a file of its own, and how many lines were put above it. */
export function sourceOf(block: Block): { readonly text: string; readonly above: number } {
  const [before, after] = around(block.fragment)
  const head = [...block.given, ...before]
  const lines = [...head, placed(scriptOf(block), block.file), ...after]
  return { text: lines.join('\n'), above: head.length }
}

/** What stands around a fragment. */
function around(fragment: string | undefined): readonly [string[], string[]] {
  if (fragment === undefined) return [[], []]
  if (fragment === 'action') {
    const type = "import('catamaran').Action"
    return [[`export const action: ${type} = async (req, res) => {`], ['}']]
  }
  const [, subject = ''] = /^config\/(\w+)$/.exec(fragment) ?? []
  if (subject === '') throw new Error(`Unknown kind of fragment: ${fragment}`)
  const type = `${subject[0]?.toUpperCase()}${subject.slice(1)}ConfigInput`
  return [[`export const config: import('catamaran').${type} = {`], ['}']]
}

/** The code; of a page the script in it, on the lines where it stands. */
function scriptOf({ language, code }: Block): string {
  if (language !== 'html') return code
  const [whole = '', script = ''] = /<script[^>]*>([\s\S]*?)<\/script>/.exec(code) ?? []
  const above = code.slice(0, code.indexOf(whole)).split('\n').length - 1
  return '\n'.repeat(above) + script
}

/** Leads the relative imports of a file of the living app to where they would lead from there. */
function placed(code: string, file: string | undefined): string {
  if (file === undefined) return code
  const folder = dirname(join(root, file))
  return code.replace(/(from ')(\.[^']+)/g, (_, from: string, path: string) => {
    return from + join(folder, path)
  })
}

function compile(folder: string): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, [compiler, '-p', folder], { cwd: folder }, (_, out) => done(out))
  })
}
