/**
 * The code blocks of the README and the guide, with what the comments right above them say:
 *
 *     <!-- fragment: action -->          lines of an action; `fragment: config/session` lines of that file's object
 *     <!-- given: declare const n: number -->   what the lines around the block would have declared
 *     <!-- file: api/controllers/a.ts -->       where in an app it stands, so that its imports are found
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One fenced block. */
export interface Block {
  /** Seen from the root: `docs/session.md`. */
  readonly page: string
  /** Number of its first line of code. */
  readonly line: number
  readonly language: string
  readonly code: string
  readonly fragment: string | undefined
  readonly given: readonly string[]
  readonly file: string | undefined
}

const root = join(import.meta.dirname, '../..')

/** The pages whose code is checked. */
export function readPages(): { readonly page: string; readonly text: string }[] {
  const guide = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const readmes = ['README.md', 'templates/app/README.md']
  return [...readmes, ...guide.map((name) => `docs/${name}`)].map((page) => {
    return { page, text: readFileSync(join(root, page), 'utf8') }
  })
}

/** Finds the blocks of one page. */
export function blocksOf(page: string, text: string): Block[] {
  const fence = /((?:^<!-- \w+: .*-->\n+)*)^```(\w*)\n([\s\S]*?)^```$/gm
  return [...text.matchAll(fence)].map((match) => {
    const [whole, comments = '', language = '', code = ''] = match
    const before = text.slice(0, match.index + whole.indexOf('```', comments.length))
    const said = [...comments.matchAll(/<!-- (\w+): (.*?) *-->/g)].map(([, key, value]) => {
      return { key, value: value ?? '' }
    })
    const saidAs = (name: string) => said.find(({ key }) => key === name)?.value
    return {
      page,
      line: before.split('\n').length + 1,
      language,
      code,
      fragment: saidAs('fragment'),
      given: said.filter(({ key }) => key === 'given').map(({ value }) => value),
      file: saidAs('file'),
    }
  })
}
