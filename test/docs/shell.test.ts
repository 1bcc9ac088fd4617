/** Who runs the commands of the guide: each block has its runner here, so that a new one is not forgotten. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { root, runHere } from '../cli/run.ts'
import { strongSecret } from '../support/app-folder.ts'
import { type Block, blocksOf, readPages } from './blocks.ts'
import { newApp } from './new-app.ts'

const blocks = readPages()
  .flatMap(({ page, text }) => blocksOf(page, text))
  .filter(({ language }) => language === 'sh')

/** By page and first line: the test that runs the block, or does step by step what it says, or why none does. */
const runners: Readonly<Record<string, string>> = {
  'README.md: npm install && npm start': 'test/start/readme.test.ts',
  'README.md: npm install && npm test': 'no: it is the run of all tests',
  'README.md: npx catamaran new ../blog': 'test/start/readme.test.ts',
  'templates/app/README.md: npm install': 'test/start/readme.test.ts',
  'docs/start.md: npm install': 'test/start/readme.test.ts',
  'docs/start.md: npx catamaran secret': 'here',
  'docs/security.md: npx catamaran doctor': 'here',
  'docs/cli.md: npx catamaran dev': 'test/cli/dev.test.ts',
  'docs/cli.md: npx catamaran generate action user/login user/change-password': 'here',
  'docs/from-sails.md: npm install catamaran': 'test/sails/guide.test.ts',
  'docs/from-sails.md: npx catamaran lift --port=1338': 'test/sails/guide.test.ts',
  'docs/from-sails.md: npm uninstall sails sails-hook-orm sails-hook-sockets sails-hook-grunt @sailshq/connect-redis @sailshq/socket.io-redis':
    'test/sails/guide.test.ts',
  'docs/bench.md: npm run bench': 'no: it takes minutes; test/bench.test.ts runs a short round',
}

const linesOf = ({ code }: Block) => code.trim().split('\n')
const nameOf = (block: Block) => `${block.page}: ${linesOf(block)[0]?.replace(/ {2,}.*/, '')}`

/** What ends with 1 in an app as `new` writes it: nothing says yet where TLS ends in production. */
const fails = /^npx catamaran doctor --prod/

describe('the commands of the guide', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('are run by a test, block by block, or not for a reason', () => {
    const files = Object.values(runners).filter((runner) => runner.startsWith('test/'))

    expect(Object.keys(runners).sort()).toEqual(blocks.map(nameOf).sort())
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it.each(
    blocks.filter((block) => runners[nameOf(block)] === 'here').map((block) => [block.page, block]),
  )('work in a new app, one after the other: %s', async (_, block) => {
    vi.stubEnv('SESSION_SECRET', strongSecret)
    await using app = await newApp()
    const commands = linesOf(block).filter((line) => line.startsWith('npx catamaran '))

    for (const line of commands) {
      const { code, out, err } = await runHere(line.split(' ').slice(2), app.path)

      expect([line, code], out + err).toEqual([line, fails.test(line) ? 1 : 0])
    }
    expect(commands.length).toBeGreaterThan(0)
  })
})
