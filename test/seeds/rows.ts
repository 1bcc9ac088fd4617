/**
 * The seed checklist: what each of the five documents says in 146 rows, and the tests that show them.
 * `rows.txt` has a line `number|what it says` for each, and behind a second bar why we decided otherwise.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One row of the checklist. */
export interface SeedRow {
  readonly number: string
  readonly says: string
  /** Why ours does something else than the document says. */
  readonly otherwise: string | undefined
}

/** A test whose title starts with a row's number. */
export interface SeedTest {
  readonly number: string
  /** From the checkout, with slashes. */
  readonly file: string
  /** As it is written, without the number. */
  readonly title: string
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** Gives all rows in order. */
export function readRows(): SeedRow[] {
  const lines = readFileSync(new URL('rows.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => {
    const [number = '', says = '', otherwise] = line.split('|')
    return { number, says, otherwise }
  })
}

/** Gives the tests of all rows, read from the sources under `test/`. */
export function readTests(): SeedTest[] {
  const names = readdirSync(join(checkout, 'test'), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(checkout, 'test', name))
    .toSorted()
    .flatMap((path) =>
      testsIn(readFileSync(path, 'utf8')).map((test) => ({
        ...test,
        file: relative(checkout, path).split(sep).join('/'),
      })),
    )
}

/** `'000-01: title'`, or `'000-01'` and more cells in a table whose title starts with `%s: `. */
const literal =
  /(['"`])(00\d-\d\d)(?:: (.+?)\1(?=,|\])|\1((?:,[^\]\n]*)?))|\)\((['"`])%s: (.+?)\5,/g

/**
 * Finds the titles in a test's source; a number without words takes those of the table it stands in.
 *
 * @throws when a table of numbers has no title, or a test is switched off
 */
export function testsIn(source: string): Omit<SeedTest, 'file'>[] {
  const found: Omit<SeedTest, 'file'>[] = []
  let untitled: { number: string; cells: string }[] = []
  for (const [, , number, words, cells = '', , title] of source.matchAll(literal)) {
    if (number && words) found.push({ number, title: words })
    else if (number) untitled.push({ number, cells })
    else if (title) {
      found.push(...untitled.map((row) => ({ number: row.number, title: fill(title, row.cells) })))
      untitled = []
    }
  }
  if (untitled.length > 0) throw new Error(`no title for ${untitled[0]?.number}`)
  if (found.length > 0 && /\b(it|describe)\.(skip|todo)\b/.test(source)) {
    throw new Error(`a test of ${found[0]?.number} or another row is switched off`)
  }
  return found
}

/** Puts the plain cells of a table's row into its title, as vitest does. */
function fill(title: string, cells: string): string {
  const values = [...cells.matchAll(/(['"`])(.*?)\1|\w+/g)].map(([bare, , text]) => text ?? bare)
  return title.replaceAll('%s', (hole) => values.shift() ?? hole)
}
