/**
 * The house rules of imports: they look only downstairs, each package has one home, and nothing goes in
 * circles. Types and dynamic imports count; an `import()` of a computed address can't be judged.
 */
import { readdir, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize, sep } from 'node:path'

/** From the cellar up. Rooms of one floor don't import each other, unless they stand beside `app`. */
const floors: readonly (readonly string[])[] = [
  ['builtin'],
  ['errors'],
  ['config'],
  ['session'],
  ['routing'],
  ['walk'],
  ['http', 'sockets'],
  ['app', 'bootstrap', 'doors', 'log', 'request-log', 'compat', 'testing'],
  ['cli', 'index'],
]
const besideApp = floors[7] ?? []

/** Where a package may be imported: a room, or files by the beginning of their path. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@socket.io/redis-adapter': ['src/sockets/'],
  'connect-mongo': ['src/session/stores/mongo'],
  'connect-redis': ['src/session/stores/redis'],
  'cookie-parser': ['src/session/cookies.ts'],
  'express-session': ['src/session/'],
  'node:sqlite': ['src/session/stores/sqlite'],
  'path-to-regexp': ['src/routing/'],
  'socket.io': ['src/sockets/'],
  'socket.io-adapter': ['src/testing/'],
  'socket.io-client': ['src/client/', 'src/testing/'],
  commander: ['src/cli/'],
  depd: ['src/session/dropin.ts'],
  cosmiconfig: ['src/config/'],
  express: ['src/http/'],
  helmet: ['src/http/'],
  mongodb: ['src/session/stores/mongo'],
  pino: ['src/app.ts', 'src/log.ts'],
  redis: ['src/session/stores/redis'],
  'tough-cookie': ['src/testing/'],
  zod: ['src/config/'],
}

interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

/** All imports of a text: static, dynamic, of types, re-exports and `require`. */
export function importsOf(text: string): Import[] {
  // Comments go, strings stay: a `//` within a string is no comment.
  const strings = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/.source
  const code = text.replaceAll(
    new RegExp(`(${strings})|/\\*[\\s\\S]*?\\*/|//[^\\n]*`, 'g'),
    (_all, string: string | undefined) => string ?? ' ',
  )
  const forms = [
    /^\s*(?:import|export)\s+(?<type>type\s)?[^'"`;=()]*?\bfrom\s*['"](?<from>[^'"]+)/gm,
    /^\s*import\s*['"](?<from>[^'"]+)/gm,
    /\b(?:import|require|require\.resolve)\s*\(\s*['"`](?<from>[^'"`]+)/g,
  ]
  const found = forms.flatMap((form) =>
    [...code.matchAll(form)].map(({ groups = {} }) => ({
      from: groups['from'] ?? '',
      typeOnly: groups['type'] !== undefined,
    })),
  )
  return found.filter(({ from }) => !from.includes('${'))
}

/** `src/http/door.ts` stands in room `http`, `src/walk.ts` is a room by itself. */
function roomOf(file: string): string {
  return file.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}

const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room))

function packageOf(from: string): string {
  if (from.startsWith('node:')) return from
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')
}

/** What is wrong with one import of a file in `src`, if anything. */
function judge(file: string, { from, typeOnly }: Import): string | undefined {
  if (from.startsWith('.')) {
    const target = normalize(join(dirname(file), from))
      .split(sep)
      .join('/')
    if (!target.startsWith('src/')) return `${target} stands outside of src`
    return mayEnter(roomOf(file), roomOf(target)) ? undefined : `${target} is not downstairs`
  }
  const name = packageOf(from)
  const home = homes[name]
  if (!home) return isBuiltin(name) ? undefined : `${name} has no home: give it one in this test`
  if (name === 'express' && typeOnly) return undefined
  return home.some((path) => file.startsWith(path)) ? undefined : `${name} lives in ${home}`
}

function mayEnter(room: string, other: string): boolean {
  if (room === other) return true
  if (other === 'client') return room === 'testing'
  const [own, below] = [floorOf(room), floorOf(other)]
  if (own === -1 || below === -1) return false
  return below < own || (besideApp.includes(room) && besideApp.includes(other))
}

/** All violations of the house rules, one line each. */
export function violations(files: Readonly<Record<string, string>>): string[] {
  const inSrc = Object.entries(files).filter(([file]) => file.startsWith('src/'))
  const wrong = inSrc.flatMap(([file, text]) => {
    const homeless = floorOf(roomOf(file)) === -1 && roomOf(file) !== 'client'
    const imports = importsOf(text).map((found) => judge(file, found))
    const all = homeless ? ['stands in no room of the house', ...imports] : imports
    return all.filter((problem) => problem !== undefined).map((problem) => `${file}: ${problem}`)
  })
  const outside = Object.entries(files).filter(([file]) => /^(api|config|templates)\//.test(file))
  const inward = outside.flatMap(([file, text]) =>
    importsOf(text)
      .filter(({ from }) => /(^|\/)(src|dist)\//.test(from))
      .map(({ from }) => `${file}: ${from} is 'catamaran' to an app`),
  )
  return [...wrong, ...inward, ...circles(Object.fromEntries(inSrc))]
}

/** Circles of files, each told once: `a.ts → b.ts → a.ts`. */
function circles(files: Readonly<Record<string, string>>): string[] {
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(' → ')]
    if (done.has(file)) return []
    const next = importsOf(files[file] ?? '')
      .filter(({ from }) => from.startsWith('.'))
      .map(({ from }) =>
        normalize(join(dirname(file), from))
          .split(sep)
          .join('/'),
      )
    const found = next.flatMap((other) => visit(other, [...trail, file]))
    done.add(file)
    return found
  }
  return Object.keys(files).flatMap((file) => visit(file, []))
}

/** The code files below a folder, by path; none where it is missing. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  const paths = await readdir(folder, { recursive: true }).catch(() => [])
  const code = paths.filter((path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('node_modules'))
  const texts = code.map(async (path) => {
    const file = join(folder, path).split(sep).join('/')
    return [file, await readFile(file, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}
