/**
 * Tells the author of a config file why it could not be read: one line, with the line number where
 * it is known, never a stack and never a piece of the file (it may hold secrets).
 */
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ConfigFile } from './find.ts'
import type { Problem } from './problems.ts'

/**
 * Turns what reading or running a file threw into a problem.
 *
 * @param isWhole - the file holds several subjects by name, such as `config/local.ts`
 */
export function explain(error: unknown, file: ConfigFile, isWhole: boolean): Problem {
  const line = lineOf(error, file)
  const place = line === undefined ? file.name : `${file.name}:${line}`
  const advice = wrongKind(error, file, isWhole) ?? notFound(error) ?? words(error, file)
  return { place, advice }
}

function wrongKind(error: unknown, file: ConfigFile, isWhole: boolean): string | undefined {
  if (!(error instanceof Error) || stackAfter(error, file) === undefined) return undefined
  const { name, subject } = file
  const base = name.slice(0, name.lastIndexOf('.'))
  const [, word] = /^(module|exports|require|__\w+) is not defined/.exec(error.message) ?? []
  if (word !== undefined) {
    const form = isWhole ? 'export default {…}' : `export const ${subject} = …`
    return `uses ${word} in an ES module: rename it to ${base}.cjs, or write \`${form}\``
  }
  const isModule = /Unexpected token 'export'|import statement outside a module/.test(error.message)
  if (!isModule) return undefined
  const other = name.endsWith('.js') ? `${base}.mjs (or .mts)` : `${base}.mts`
  const form = isWhole ? 'module.exports = {…}' : `module.exports.${subject} = …`
  return `uses import or export in a CommonJS app: rename it to ${other}, or write \`${form}\``
}

function notFound(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const [, wanted] = /Cannot find (?:package|module) '([^']+)'/.exec(error.message) ?? []
  if (wanted === undefined) return undefined
  if (/^[./]|^\w:/.test(wanted)) return `imports ${basename(wanted)}, which is not there`
  const [name = wanted] = /^(@[^/]+\/)?[^/]+/.exec(wanted) ?? []
  return `needs the package ${name}: run \`npm install ${name}\``
}

function words(error: unknown, file: ConfigFile): string {
  if (isYamlFault(error)) return `is no valid YAML: ${error.reason}`
  if (!(error instanceof Error)) return `throws ${typeof error === 'string' ? error : typeof error}`
  if (error instanceof SyntaxError) return `cannot be read: ${syntaxWords(error, file)}`
  const isOurs = 'syscall' in error
  const [first = ''] = error.message.split('\n')
  return isOurs ? `cannot be read: ${first}` : `throws ${error.name}: ${first}`
}

/** JSON's messages quote the file: the quotation goes. */
function syntaxWords(error: SyntaxError, file: ConfigFile): string {
  const [first = ''] = error.message.split('\n')
  const isJson = /in JSON|valid JSON|JSON input/.test(error.message)
  if (!isJson) return first
  const what = first.replace(/, *(\.\.\.)?".*$/s, '').replace(/ (in JSON )?at position.*$/, '')
  return file.name.endsWith('.json') ? `${what}, it is no valid JSON` : what
}

function lineOf(error: unknown, file: ConfigFile): string | undefined {
  if (isYamlFault(error)) return String(error.mark.line + 1)
  if (!(error instanceof Error)) return undefined
  const [, jsonLine] = /\(line (\d+) column \d+\)/.exec(error.message) ?? []
  if (jsonLine !== undefined) return jsonLine
  return /^(?:\?[^:]*)?:(\d+)/.exec(stackAfter(error, file) ?? '')?.[1]
}

/** What a stack says behind the first mention of the file; `undefined` when it is not in the stack. */
function stackAfter({ stack = '' }: Error, { path }: ConfigFile): string | undefined {
  const spellings = [pathToFileURL(path).pathname, path]
  const spelling = spellings.find((one) => stack.includes(one))
  return spelling && stack.slice(stack.indexOf(spelling) + spelling.length)
}

interface YamlFault {
  readonly reason: string
  readonly mark: { readonly line: number }
}

function isYamlFault(error: unknown): error is YamlFault {
  if (typeof error !== 'object' || error === null || !('reason' in error)) return false
  const mark: unknown = 'mark' in error ? error.mark : undefined
  return typeof mark === 'object' && mark !== null && 'line' in mark
}
