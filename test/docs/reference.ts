/** docs/reference.md: every key of the configuration, read off the schemas. */
import { fileURLToPath } from 'node:url'
import { appConfig } from '../../src/config/app.ts'
import { subjects } from '../../src/config/schema.ts'
import { childOf, keysOf, metaOf, type Schema } from '../../src/config/shape.ts'
import { complaintOf, defaultOf, takesOf } from './takes.ts'
import { readWords } from './words.ts'

/** Where the page is. */
export const pagePath = fileURLToPath(new URL('../../docs/reference.md', import.meta.url))

/** One key of one subject. */
export interface Key {
  /** Dotted, within its subject: `cookie.maxAge`. */
  readonly path: string
  readonly takes: string
  readonly byDefault: string
  readonly words: string
}

/** Lists the keys of every subject, in the order of its schema; those of the top level under ''. */
export function readKeys(): Map<string, Key[]> {
  const wordsOf = readWords(fileURLToPath(new URL('../../src/config', import.meta.url)))

  function keysUnder(subject: string, schema: Schema, above: readonly string[]): Key[] {
    return keysOf(schema).flatMap((name): Key[] => {
      const key = childOf(schema, name)
      const path = [...above, name]
      const { aliasOf } = metaOf(key)
      const own = {
        path: path.join('.'),
        takes: aliasOf ? `as \`${aliasOf}\`` : takesOf(key),
        byDefault: defaultOf(name, key),
        words: wordsOf(`${subject || 'app'}Config`, path) || standInFor(key),
      }
      return [own, ...(isSpeltAlike(key, schema) ? [] : keysUnder(subject, key, path))]
    })
  }

  const all: [string, Schema][] = [['', appConfig], ...Object.entries(subjects)]
  return new Map(all.map(([name, schema]) => [name, keysUnder(name, schema, [])]))
}

/** What a key without a comment says by its schema: that it does nothing, or is not taken. */
function standInFor(key: Schema): string {
  const said = metaOf(key).note?.replace(/^\S+ /, '') ?? complaintOf(key)
  return said ? `It ${said}.` : ''
}

/** True for an object whose keys are those that stand beside it, such as `session.previous`. */
function isSpeltAlike(inner: Schema, outer: Schema): boolean {
  const names = keysOf(inner)
  return names.length > 0 && names.every((name) => childOf(inner, name) === childOf(outer, name))
}

/** Writes the page. */
export function referencePage(keys = readKeys()): string {
  return [opening, ...[...keys].map(([subject, own]) => section(subject, own)), closing].join('\n')
}

const opening = `# Reference

Every key of the configuration, one section for each file of \`config/\`. Which of several values wins, and how a key is set by the environment or the
command line, is told in [configuration.md](configuration.md). \`catamaran config\` prints the values of an app.
\`npm run docs\` writes this page from the schemas in \`src/config\`
and the comments above their keys; a test fails when it is stale.
`

const closing = 'Previous: [Fifteen mistakes](mistakes.md).\n'

function section(subject: string, keys: readonly Key[]): string {
  const title = subject ? `## config/${subject}` : '## Top level'
  if (keys.length === 0) {
    return `${title}\n\nThe keys are the app's own: see [routes.md](routes.md).\n`
  }
  const rows = keys.map(({ path, takes, byDefault, words }) => {
    return `| \`${path}\` | ${cell(takes)} | ${byDefault && `\`${cell(byDefault)}\``} | ${cell(words)} |`
  })
  return `${title}\n\n| key | takes | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
