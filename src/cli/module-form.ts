/**
 * The form of an app's modules: TypeScript, ES modules or CommonJS, as its own files are; and our templates,
 * which are TypeScript, in each of them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing } from '../config/find.ts'

export interface ModuleForm {
  /** Of a new file. */
  readonly ending: '.ts' | '.mts' | '.js'
  /** Whether there is `import` and `export`. */
  readonly esm: boolean
}

/** Looks at what is in `config/` and `api/`; where nothing is, TypeScript. */
export function formOf(root: string): ModuleForm {
  const files = ['config', 'api'].flatMap((folder) => namesIn(join(root, folder)))
  const has = (pattern: RegExp) => files.some((name) => pattern.test(name))
  const type = typeOf(root)
  if (has(/(?<!\.d)\.[cm]?ts$/) || !has(/\.[cm]?js$/)) {
    // Node reads a .ts by the type of its package; where none is said, by what stands in it.
    return { ending: type === 'commonjs' ? '.mts' : '.ts', esm: true }
  }
  return { ending: '.js', esm: type === 'module' }
}

/** Turns a template into the form: without its types, without `import` and `export` where there are none. */
export function inForm(template: string, { ending, esm }: ModuleForm): string {
  if (ending !== '.js') return template
  const plain = withoutTypes(template)
  return esm ? plain : asCommonJs(plain)
}

/** What our templates have of types; the type of a constant goes into the comment above it. */
function withoutTypes(template: string): string {
  const from = /^import type .* from (.*)$/m.exec(template)?.[1] ?? ''
  return template
    .replace(/^import type .*\n\n/m, '')
    .replace(/^declare global \{\n[\s\S]*?^\}\n\n/m, '')
    .replace(
      /^\/\*\* (.*) \*\/\n((?:export )?const \w+): (\w+) = /m,
      (_all, words: string, constant: string, type: string) =>
        `/**\n * ${words}\n * @type {import(${from}).${type}}\n */\n${constant} = `,
    )
}

function asCommonJs(text: string): string {
  return text
    .replaceAll(/^import (.*) from ('.*')$/gm, 'const $1 = require($2)')
    .replaceAll(/^export const (\w+) = /gm, 'exports.$1 = ')
    .replace(/^export default /m, 'module.exports = ')
}

/** Names of all files below a folder that may be missing. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function typeOf(root: string): string | undefined {
  try {
    const { type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly type?: string
    }
    return type
  } catch {
    // None, or none that can be read, says nothing of the type.
    return undefined
  }
}
