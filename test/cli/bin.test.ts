import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, root, tempFolder } from './run.ts'

const bin = join(root, 'bin', 'catamaran.js')

/** Lets the process claim another version, before the first line of the command runs. */
async function runAs(version: string, folder: string) {
  const claim = join(folder, 'claim.mjs')
  await writeFile(claim, `Object.defineProperty(process.versions, 'node', { value: '${version}' })`)
  const words = ['--import', claim, bin, 'secret']
  return ended(spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] }))
}

describe('bin/catamaran.js', () => {
  it.each(['12.22.12', '20.20.2', '22.17.1'])('ends on Node %s with one line', async (version) => {
    await using folder = await tempFolder()

    const { code, out, err } = await runAs(version, folder.path)

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(
      new RegExp(`^Catamaran needs Node 22\\.18 or newer, this is ${version}: .*\\n$`),
    )
  })

  it.each(['22.18.0', '24.0.0'])('goes on with Node %s', async (version) => {
    await using folder = await tempFolder()

    const { err } = await runAs(version, folder.path)

    expect(err).not.toContain('needs Node')
  })

  it('has nothing in it that an old Node cannot read', async () => {
    const text = await readFile(bin, 'utf8')

    expect(text).not.toMatch(/^import |^export |\?\.|\?\?|^\s*await |node:(?!module'\))/m)
  })
})
