import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPages } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const pages = new Map(readPages().map(({ page, text }) => [page, text]))
const contents = pages.get('docs/README.md') ?? ''

/** The files of the list in the contents, in order. */
function listed(mark: RegExp): string[] {
  return [...contents.matchAll(mark)].map(([, file]) => `docs/${file}`)
}

const chapters = listed(/^\d+\. \[[^\]]+\]\((\S+)\): /gm)
const beside = listed(/^- \[[^\]]+\]\((\S+)\): /gm)

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = text.match(/^#+ .*$/gm) ?? []
  return headings.map((line) => {
    const words = line.replace(/^#+ /, '').toLowerCase()
    return words.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
  })
}

/** Links of a page that lead nowhere. */
function deadLinks(page: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '')
  const links = [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, target))) return true
    return anchor !== undefined && !anchorsOf(pages.get(target) ?? '').includes(anchor)
  })
}

/** The words that lead to a chapter; '' where there is none. */
function link(way: string, page: string | undefined): string {
  if (page === undefined) return ''
  const title = /^# (.*)/.exec(pages.get(page) ?? '')?.[1]
  return `${way}: [${title}](${page.replace('docs/', '')}).`
}

describe('the guide', () => {
  it('lists every page of docs once', () => {
    const all = [...pages.keys()].filter((page) => !page.endsWith('README.md'))

    expect([...chapters, ...beside].sort()).toEqual(all.sort())
  })

  it('goes from the first login to the reference in this order', () => {
    const order = [
      ...['start', 'session', 'stores', 'sockets', 'routes', 'security', 'scaling', 'testing'],
      ...['from-sails', 'from-express-session', 'from-socketstream', 'from-sess', 'reference'],
    ].map((name) => `docs/${name}.md`)

    expect(chapters.filter((page) => order.includes(page))).toEqual(order)
  })

  it.each(chapters)('leads from %s to the chapters before and after it', (page) => {
    const at = chapters.indexOf(page)
    const ways = [link('Previous', chapters[at - 1]), link('Next', chapters[at + 1])]

    const last = pages.get(page)?.trimEnd().split('\n').at(-1)

    expect(last).toBe(ways.filter((way) => way !== '').join(' '))
  })

  it.each([...pages])('has no dead link in %s', (page, text) => {
    expect(deadLinks(page, text)).toEqual([])
  })

  it('is where the README leads', () => {
    expect(pages.get('README.md')).toContain('](docs/README.md)')
  })

  it('gives a reason for each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    const names = new Set(pages.get('docs/dependencies.md')?.match(/[@\w][@\w./-]*/g))

    const lacking = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !names.has(name),
    )

    expect(lacking).toEqual([])
  })
})
