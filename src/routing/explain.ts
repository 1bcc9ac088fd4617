/**
 * Why a file of the app did not load, in words that say what to do.
 */
import { basename, extname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Problem } from './problems.ts'

type Explanation = Pick<Problem, 'what' | 'fix'>
type Place = { readonly root: string; readonly file: string }

/** Turns what an `import()` threw into a problem; `file` is the one that was asked for. */
export function explain(thrown: unknown, place: Place): Explanation {
  if (!(thrown instanceof Error)) {
    return { what: `throws ${String(thrown)} while loading`, fix: 'Throw errors, inside actions.' }
  }
  const { culprit, line } = locate(thrown, place)
  const spot = culprit === place.file ? line && ` (line ${line})` : ` (${culprit}:${line})`
  const known = missing(thrown, place) ?? wrongKind(thrown, culprit) ?? syntax(thrown)
  const { what, fix } = known ?? {
    what: `throws while loading: ${firstLine(thrown.message)}`,
    fix: 'Mend that line; what may fail belongs into an action.',
  }
  return { what: what + spot, fix }
}

function wrongKind({ message }: Error, culprit: string): Explanation | undefined {
  const old = /^(\w+) is not defined in ES module scope/.exec(message)?.[1]
  const name = basename(culprit, extname(culprit))
  if (old) {
    const rename = culprit.endsWith('.js') ? `, or rename it to ${name}.cjs` : ''
    const words = old === 'require' ? 'Write `import`' : 'Write `export`'
    return { what: `uses \`${old}\`, but is an ES module`, fix: `${words}${rename}.` }
  }
  if (!/^Unexpected token 'export'|^Cannot use import statement outside/.test(message)) return
  const ending = extname(culprit).includes('ts') ? '.mts' : '.mjs'
  return {
    what: 'uses `import` or `export`, but is a CommonJS module',
    fix: `Rename it to ${name}${ending}, or set "type": "module" in package.json.`,
  }
}

function missing(error: NodeJS.ErrnoException, { root }: Place): Explanation | undefined {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return
  const wanted = /'([^']+)'/.exec(error.message)?.[1] ?? 'a module'
  if (!/^(\.|\/|[A-Za-z]:)/.test(wanted)) {
    const name = wanted.startsWith('@') ? wanted.split('/', 2).join('/') : wanted.split('/')[0]
    return { what: `imports '${wanted}', which is not installed`, fix: `npm install ${name}` }
  }
  const path = wanted.startsWith('.') ? wanted : relative(root, wanted).replaceAll(sep, '/')
  return { what: `imports '${path}', which is not there`, fix: 'Check path and ending.' }
}

function syntax(error: NodeJS.ErrnoException): Explanation | undefined {
  if (!(error instanceof SyntaxError)) return
  const stripping = error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
  return {
    what: firstLine(error.message),
    fix: stripping
      ? 'Node only strips types: write it without enum, namespace or parameter properties.'
      : 'Mend the syntax.',
  }
}

/** The file and line that broke, which may be one the asked-for file imports. */
function locate({ stack = '' }: Error, { root, file }: Place): { culprit: string; line: string } {
  const found = /(file:\/\/\/[^\s):]+|\/[^\s):]+):(\d+)/.exec(stack)
  const path = found?.[1]?.startsWith('file:') ? fileURLToPath(found[1]) : found?.[1]
  const own = path && relative(root, path).replaceAll(sep, '/')
  if (!own || own.startsWith('..') || own.includes('node_modules/')) {
    return { culprit: file, line: '' }
  }
  return { culprit: own, line: found?.[2] ?? '' }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
