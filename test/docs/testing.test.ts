/** What the chapters "Testing" and "Session stores" say of tests, run in a new app. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../cli/run.ts'
import { blocksOf } from './blocks.ts'
import { newApp } from './new-app.ts'

async function blocksIn(page: string) {
  return blocksOf(page, await readFile(join(root, page), 'utf8'))
}

it('the tests in the chapter "Testing" pass in a new app', async () => {
  const blocks = await blocksIn('docs/testing.md')
  const tests = blocks.filter(({ code }) => code.includes("it('"))
  await using app = await newApp()
  for (const [at, { code }] of tests.entries()) await app.write(`test/${at}.spec.ts`, code)

  const printed = await app.runTests('test/*.spec.ts')

  expect(tests.length).toBeGreaterThan(2)
  expect(printed).toMatch(new RegExp(`pass ${tests.length}\\n[\\s\\S]*fail 0\\n`))
})

it('a store of an app is held against the contract as the chapter "Session stores" says, under node:test', async () => {
  const blocks = await blocksIn('docs/stores.md')
  const code = blocks.find((block) => block.code.includes('storeContract('))?.code ?? ''
  const store = await readFile(join(root, 'test/fixtures/own-store/open.ts'), 'utf8')
  await using app = await newApp()
  await app.write('test/open.ts', store)
  await app.write(
    'test/store.spec.ts',
    `import { open } from './open.ts'\n${code.replace("'vitest' // or ", "'node:test' // ")}`,
  )

  const printed = await app.runTests('test/*.spec.ts')

  expect(printed).toMatch(/pass [2-9]\d\n[\s\S]*fail 0\n/)
})
