/** The chapter "Testing": its tests, run in a new app. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../cli/run.ts'
import { blocksOf } from './blocks.ts'
import { newApp } from './new-app.ts'

const page = 'docs/testing.md'

it('the tests in the chapter "Testing" pass in a new app', async () => {
  const blocks = blocksOf(page, await readFile(join(root, page), 'utf8'))
  const tests = blocks.filter(({ code }) => code.includes("it('"))
  await using app = await newApp()
  for (const [at, { code }] of tests.entries()) await app.write(`test/${at}.spec.ts`, code)

  const printed = await app.runTests('test/*.spec.ts')

  expect(tests.length).toBeGreaterThan(2)
  expect(printed).toMatch(new RegExp(`pass ${tests.length}\\n[\\s\\S]*fail 0\\n`))
})
