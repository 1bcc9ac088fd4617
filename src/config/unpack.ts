/**
 * Takes out of a file's exports what was meant. All of these work, in files for one subject:
 * `export const session = {…}`, a default export, `module.exports.session = {…}`, `module.exports = {…}`.
 */
import { isPlain } from './layers.ts'
import type { Content } from './read.ts'

/** Values by subject, or what is wrong with the exports. */
export type Unpacked =
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly fault: string }

/** Unpacks a file that configures one subject. `checked`: a schema knows the subject. */
export function unpackSubject(content: Content, subject: string, checked: boolean): Unpacked {
  const standard = standardOf(content)
  const inside = isPlain(standard) ? standard[subject] : undefined
  const value = content[subject] ?? inside ?? standard
  if (value !== undefined) return { values: { [subject]: value } }
  const named = namedExports(content)
  const names = Object.keys(named)
  if (names.length === 0) return { values: {} }
  if (!checked) return { values: { [subject]: named } }
  return { fault: `exports ${names.join(', ')}: write \`export const ${subject} = …\`` }
}

/** Unpacks a file that holds several subjects by name, such as `config/local.ts`. */
export function unpackAll(content: Content): Unpacked {
  const standard = standardOf(content) ?? {}
  if (!isPlain(standard)) return { fault: 'must hold an object: { session: {…}, port: 1337 }' }
  return { values: { ...standard, ...namedExports(content) } }
}

/** The default export. What TypeScript compiled to CommonJS has it one level deeper. */
function standardOf(content: Content): unknown {
  const standard = content['default']
  if (typeof standard !== 'object' || standard === null || !('__esModule' in standard))
    return standard
  return 'default' in standard ? standard.default : undefined
}

function namedExports(content: Content): Record<string, unknown> {
  const unnamed = ['default', 'module.exports', '__esModule']
  return Object.fromEntries(Object.entries(content).filter(([name]) => !unnamed.includes(name)))
}
