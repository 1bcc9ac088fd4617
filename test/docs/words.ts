/**
 * What the schemas in src/config say about their keys: the comments that stand above them in the source.
 * Reads text only; what a key takes and its default stand in the schema itself.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is written in one `const`: its keys by dotted path, and the constants spread into it. */
interface Block {
  readonly file: string
  readonly keys: Map<string, Entry>
  readonly spreads: string[]
}

interface Entry {
  readonly words: string
  /** The constant a key's schema is made of: `cookieConfig`, or `storeKeys.url`. */
  readonly from: readonly string[]
}

/** Finds the words of a key: `wordsOf('sessionConfig', ['cookie', 'path'])`; '' where there are none. */
export type Words = (constant: string, path: readonly string[]) => string

/** The beginning of a constant, a key with the comment above it, or a spread. */
const token =
  /^(?:export )?const (?<constant>\w+)|(?:\/\*\*(?<comment>(?:(?!\*\/)[\s\S])*)\*\/\s*?)?^(?<indent> +)(?<key>\w+):(?: (?<from>[a-z]\w*(?:\.\w+(?![\w(]))?))?|^ +\.\.\.(?<spread>\w+)/gm

/** Reads all comments once. */
export function readWords(folder: string): Words {
  const blocks = readdirSync(folder).flatMap((file) => {
    return [...blocksOf(file, readFileSync(join(folder, file), 'utf8'))]
  })

  function wordsIn(constant: string, path: readonly string[], file?: string): string {
    const block =
      blocks.find(([name, { file: own }]) => name === constant && own === file) ??
      blocks.find(([name]) => name === constant)
    if (!block) return ''
    const { keys, spreads, file: own } = block[1]
    if (path.length === 0) return ''
    const direct = keys.get(path.join('.'))
    if (direct?.words) return direct.words
    for (let length = path.length; length > 0; length -= 1) {
      const [name = '', ...inner] = keys.get(path.slice(0, length).join('.'))?.from ?? []
      const rest = path.slice(length)
      const words =
        wordsIn(name, [...inner, ...rest], own) || wordsIn(path[length - 1] ?? '', rest, own)
      if (words) return words
    }
    for (const name of spreads) {
      const words = wordsIn(name, path, own) || wordsIn(name, path.slice(1), own)
      if (words) return words
    }
    return ''
  }

  return (constant, path) => wordsIn(constant, path)
}

/** Takes the constants of one file apart. Keys nest by their indentation, which the formatter keeps. */
function blocksOf(file: string, source: string): Map<string, Block> {
  const blocks = new Map<string, Block>()
  let block: Block | undefined
  let above: { key: string; indent: number }[] = []
  for (const { groups = {} } of source.matchAll(token)) {
    const { constant, comment = '', indent = '', key, from = '', spread } = groups
    if (constant) {
      block = { file, keys: new Map(), spreads: [] }
      blocks.set(constant, block)
      above = []
    } else if (spread) block?.spreads.push(spread)
    else if (key && block) {
      above = above.filter((outer) => outer.indent < indent.length)
      above.push({ key, indent: indent.length })
      const path = above.map((outer) => outer.key).join('.')
      if (!block.keys.has(path))
        block.keys.set(path, { words: plain(comment), from: from.split('.') })
    }
  }
  return blocks
}

/** A comment on one line, without its stars. */
function plain(comment: string): string {
  return comment
    .replace(/\n\s*\* ?/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
