import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const template = join(root, 'templates', 'app')

/** Every file below a folder by its path; what git leaves alone (config/local) is nobody's rendering. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('local.'))
  const texts = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const path = join(parentPath, name)
    return [path.slice(folder.length + 1), await readFile(path, 'utf8')]
  })
  return Object.fromEntries(await Promise.all(texts))
}

describe('the living app', () => {
  it.each(['config', 'api', 'assets'])('has the template as its %s', async (folder) => {
    const [living, wanted] = await Promise.all([
      filesOf(join(root, folder)),
      filesOf(join(template, folder)),
    ])

    expect(Object.keys(wanted).length).toBeGreaterThan(0)
    expect(living).toEqual(wanted)
  })
})

describe('the template', () => {
  it('has no placeholder in what the living app shows', async () => {
    for (const folder of ['config', 'api', 'assets']) {
      const texts = Object.values(await filesOf(join(template, folder)))

      expect(texts.filter((text) => /\{\{\w+\}\}/.test(text))).toEqual([])
    }
  })

  it('asks for redis in one line that can be uncommented', async () => {
    const text = await readFile(join(template, 'config', 'session.ts'), 'utf8')

    expect(text.match(/^ *\/\/ adapter: 'redis',$/gm)).toHaveLength(1)
    expect(text.match(/^ *\/\/ adapter: 'mongo',$/gm)).toHaveLength(1)
  })

  it('has no script and no style in its page', async () => {
    const page = await readFile(join(template, 'assets', 'index.html'), 'utf8')

    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i)
  })

  it('imports the framework by its own name only', async () => {
    const files = { ...(await filesOf(template)) }
    const imports = Object.values(files).flatMap((text) =>
      [...text.matchAll(/^import .* from '([^']+)'$/gm)].map(([, from]) => from ?? ''),
    )

    const others = imports.filter((from) => !/^(node:|\.{1,2}\/(?!.*src)|catamaran)/.test(from))
    expect(others).toEqual(['/catamaran.js'])
  })
})
