import { beforeAll, describe, expect, it } from 'vitest'
import { complaintsOf, hasHaproxy } from '../support/haproxy.ts'
import { type Block, blocksOf, readPages } from './blocks.ts'
import { faultsOf } from './commands.ts'
import { problemsOf } from './programs.ts'

const pages = readPages()
const blocks = pages.flatMap(({ page, text }) => blocksOf(page, text))

/** What is not checked here, and why. */
const others: Readonly<Record<string, string>> = {
  text: 'drawings, and what programs print',
  nginx: 'run by test/nodes/restart.test.ts',
}

function of(...languages: string[]): Block[] {
  return blocks.filter(({ language }) => languages.includes(language))
}

function made(language: string, code: string, more: Partial<Block> = {}): Block {
  const bare = { page: 'a.md', line: 5, fragment: undefined, given: [], file: undefined }
  return { ...bare, language, code, ...more }
}

/** What must not compile: the check is checked in the same run as the guide, which takes seconds. */
const wrong = [
  made('ts', 'export const a = 1\nexport const b: string = a\n'),
  made('js', 'nobody()\n', { page: 'b.md' }),
  made('html', '<b>\n<script>\nnobody()\n</script>', { page: 'c.md' }),
  made('ts', "adaptor: 'redis',\n", { page: 'd.md', fragment: 'config/session' }),
  made('ts', 'x = 1\nx = y\n', { page: 'e.md', given: ['let x: number'], fragment: 'action' }),
]
const programs = of('ts', 'js', 'html')
let problems: Promise<string[]>

beforeAll(() => {
  problems = problemsOf([...programs, ...wrong])
})

const isReal = (problem: string) => !/^[a-e]\.md:/.test(problem)

describe('the code in the README and the guide', () => {
  it('is found, block by block, with the words above it', () => {
    const fences = pages.flatMap(({ text }) => text.match(/^ *```/gm) ?? [])
    const said = pages.flatMap(({ text }) => text.match(/^<!-- (fragment|given|file): /gm) ?? [])
    const heard = blocks.flatMap(({ fragment, given, file }) => [fragment, file, ...given])

    expect(blocks.length).toBe(fences.length / 2)
    expect(heard.filter((words) => words !== undefined)).toHaveLength(said.length)
  })

  it('stands in fences: code that is only indented would not be seen', () => {
    const indented = pages.filter(({ text }) => {
      return /^\n {4,}\S/m.test(text.replace(/^```[\s\S]*?^```$/gm, ''))
    })

    expect(indented.map(({ page }) => page)).toEqual([])
  })

  it('is of a kind that is checked, or not for a reason', () => {
    const checked = ['ts', 'js', 'html', 'json', 'sh', 'haproxy', ...Object.keys(others)]

    expect(blocks.filter(({ language }) => !checked.includes(language))).toEqual([])
  })

  it('compiles, in an app with strict types', async () => {
    expect(programs.length).toBeGreaterThan(30)
    expect((await problems).filter(isReal)).toEqual([])
  })

  it('is JSON where it says so', () => {
    for (const { code } of of('json')) expect(() => JSON.parse(code)).not.toThrow()
  })

  it.each(of('sh').map((block) => [`${block.page}:${block.line}`, block.code]))(
    'is made of commands there are: %s',
    async (_, code) => {
      expect(await faultsOf(code)).toEqual([])
    },
  )

  it.skipIf(!hasHaproxy)('is what HAProxy takes, where it is for HAProxy', () => {
    for (const { code } of of('haproxy')) expect(complaintsOf(code)).toBe('')
  })

  it('names commands there are also between the lines', async () => {
    const named = pages.flatMap(
      ({ text }) => text.match(/(?<=`)(npx |npm |catamaran )[^`]+/g) ?? [],
    )

    expect(named.length).toBeGreaterThan(20)
    expect(await faultsOf(named.map((line) => line.replace(/\s+/g, ' ')).join('\n'))).toEqual([])
  })
})

describe('the check of code', () => {
  it('tells page and line of what does not compile', async () => {
    const told = (await problems).filter((problem) => !isReal(problem))

    expect(told.sort()).toEqual([
      expect.stringMatching(/^a.md:6 .*'number' is not assignable to type 'string'/),
      expect.stringMatching(/^b.md:5 .*'nobody'/),
      expect.stringMatching(/^c.md:7 .*'nobody'/),
      expect.stringMatching(/^d.md:5 .*'adaptor' does not exist/),
      expect.stringMatching(/^e.md:6 .*Cannot find name 'y'/),
    ])
  })

  it('tells commands, options, scripts and files that are not there', async () => {
    const lines = [
      'npx catamaran lfit',
      'npx catamaran lift --port 80 --prodd',
      'npm run build && npm run bulid',
      'npx vitest run test/nowhere',
      'rm -rf /',
    ]

    expect(await faultsOf(lines.join('\n'))).toEqual([
      'catamaran lfit: there is no such command',
      'catamaran lift: there is no --prodd',
      'npm run bulid: there is no such script',
      'vitest: there is no test/nowhere',
      'rm -rf /: nothing is known of rm',
    ])
  })
})
