/** docs/seeds.md: each row of the seed documents, the tests that show it, and how it stands. */
import { fileURLToPath } from 'node:url'
import { readRows, readTests, type SeedRow, type SeedTest } from './rows.ts'

/** Where the page is. */
export const pagePath = fileURLToPath(new URL('../../docs/seeds.md', import.meta.url))

const documents: Readonly<Record<string, string>> = {
  '000': 'Sails 0.x: the page of `sails.config.session`',
  '001': 'SocketStream: sessions',
  '002': 'Sails 1.x: the concept page of sessions',
  '003': 'sess: its README',
  '004': 'Connect: the page of `session()`',
}

/** Writes the page from the rows and the titles of the tests. */
export function seedsPage(rows = readRows(), tests = readTests()): string {
  const byNumber = Map.groupBy(tests, ({ number }) => number)
  const parts = Object.entries(documents).map(([seed, name]) => {
    const own = rows.filter(({ number }) => number.startsWith(seed))
    const lines = own.map((row) => line(row, byNumber.get(row.number) ?? []))
    const head = '| row | the document says | shown by | stands |\n|---|---|---|---|'
    return `## ${seed}, ${name}\n\n${head}\n${lines.join('\n')}\n`
  })
  return `${opening(rows)}\n${parts.join('\n')}`
}

function opening(rows: readonly SeedRow[]): string {
  const otherwise = rows.filter((row) => row.otherwise).length
  return `# The seed documents, row by row

Catamaran began with five documents of older systems. This is what they say, in ${rows.length} rows, and the tests that show
it: their titles start with the row's number, so \`npx vitest run -t 002-15\` runs those of one row. ${rows.length - otherwise} are done as the
document says, ${otherwise} are decided otherwise, with the reason. \`npm run docs:seeds\` writes this page from the tests'
sources, and a test fails when it is stale, when a row has no test, or when a test names a row that is none.
`
}

function line({ number, says, otherwise }: SeedRow, tests: readonly SeedTest[]): string {
  const shown = new Set(tests.map(({ file, title }) => `[${cell(title)}](../${file})`))
  const stands = otherwise ? `decided otherwise: ${otherwise}` : 'done'
  return `| ${number} | ${says} | ${[...shown].join('<br>')} | ${stands} |`
}

/** A bar, a bracket or a tag would end what it stands in; what a table fills in is left open. */
function cell(title: string): string {
  return title.replace(/[|[\]<]/g, '\\$&').replaceAll('%s', '…')
}
