import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { cellTable } from '../bench/table.ts'
import { describeOwnRedis } from './support/redis.ts'

const run = promisify(execFile)

interface Results {
  rounds: number
  measured: { name: string; results: { side: string; each: number; trips: string }[] }[]
  many: { sessions: number; readRatio: number; heap: number }[]
}

const short = ['--rounds', '1', '--requests', '200', '--warmup', '200', '--sessions', '2000']

async function bench(...flags: string[]): Promise<Results> {
  const fixed = ['--conditions=@catamaran/source', 'bench/run.ts', '--json', '--no-install']
  const { stdout } = await run(process.execPath, [...fixed, ...flags])
  return JSON.parse(stdout)
}

it('the bench plays 15 rounds unless told otherwise, and says how many it was', async () => {
  expect(await bench('--only', 'nothing')).toMatchObject({ rounds: 15, measured: [] })
})

describeOwnRedis('the bench', () => {
  it('measures one short round, and counts one round trip for a read and two for a write', async () => {
    const { measured } = await bench(...short, '--only', 'redis', '--only', '1k')

    expect(measured.map(({ name }) => name)).toEqual(['redis-read-1k', 'redis-write-1k'])
    for (const { results } of measured) {
      expect(results).toHaveLength(4)
      for (const { each } of results) expect(each).toBeGreaterThan(0)
    }
    const trips = measured.map(({ results }) => results.map((result) => result.trips))
    expect(trips[0]).toEqual(['', 'GETEX 1.00', 'GETEX 1.00', 'EXPIRE 1.00, GET 1.00'])
    const ours = 'EVALSHA 1.00, GETEX 1.00'
    expect(trips[1]).toEqual(['', ours, ours, 'GET 1.00, SET 1.00'])
  })

  it('measures the memory store with few and many sessions', async () => {
    const { measured, many } = await bench(...short, '--only', 'many')

    expect(measured).toEqual([])
    expect(many.map(({ sessions }) => sessions)).toEqual([2_000, 1_000])
    expect(many[0]?.readRatio).toBeGreaterThan(0)
    expect(many[0]?.heap).toBeGreaterThan(300)
  })

  it('measures the way through a route beside the same handlers mounted by hand', async () => {
    const { measured } = await bench(...short, '--only', 'route')

    expect(measured.map(({ name }) => name)).toEqual(['route', 'route-in-a-whole-app'])
    for (const { results } of measured) {
      expect(results.map(({ side }) => side)).toEqual(['ours', 'by hand'])
      for (const { each } of results) expect(each).toBeGreaterThan(0)
    }
  })

  it('measures what a session takes in memory and in Redis', async () => {
    const words = ['--conditions=@catamaran/source', 'bench/sizes.ts', '2000']
    const { stdout } = await run(process.execPath, words)

    const sizes = [...stdout.matchAll(/^(\w+, \d+) B: (\d+) B each, \d+ per MB$/gm)]
    expect(sizes.map(([, what]) => what)).toEqual([
      'memory, 200',
      'redis, 200',
      'memory, 1024',
      'redis, 1024',
    ])
    for (const [, what = '', each] of sizes) {
      const text = Number(what.split(' ')[1])
      expect(Number(each)).toBeGreaterThan(text)
      expect(Number(each)).toBeLessThan(2 * text + 500)
    }
  })
})

it('the bench of restarts says whether they take more than half a second', async () => {
  const { stdout } = await run(process.execPath, [
    '--conditions=@catamaran/source',
    'bench/dev.ts',
    '1',
  ])

  const [, median, mark] = /^restart: (\d+) ms .*, target 500 ms: (met|missed)$/m.exec(stdout) ?? []
  expect(mark).toBe(Number(median) <= 500 ? 'met' : 'missed')
  expect(stdout).toMatch(/^bare: \d+ ms /m)
})

it.each([
  [1.15, 'met'],
  [1.16, 'missed'],
])('the bench says of a ratio of %d to a target of 1.15: %s', (ratio, mark) => {
  const cell = { name: 'route', store: 'memory', does: 'read', bytes: 0, target: 1.15 } as const
  const result = { each: 20, spread: [ratio, ratio], trips: undefined } as const
  const sides = ['ours', 'by hand'].map((side) => ({ ...result, side, ratio }))

  const [, ours, byHand] = cellTable([{ ...cell, results: sides }]).split('\n')

  expect(ours).toMatch(new RegExp(`1\\.15 +${mark}$`))
  expect(byHand).not.toMatch(/met|missed/)
})
