import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeOwnRedis } from './support/redis.ts'

const run = promisify(execFile)

interface Results {
  measured: { name: string; ours: number; theirs: number; trips: Record<string, string> }[]
  many: { sessions: number; read: number; heap: number }[]
}

async function bench(...flags: string[]): Promise<Results> {
  const short = ['--rounds', '1', '--requests', '200', '--warmup', '200', '--sessions', '2000']
  const fixed = ['--conditions=@catamaran/source', 'bench/run.ts', '--json', '--no-install']
  const { stdout } = await run(process.execPath, [...fixed, ...short, ...flags])
  return JSON.parse(stdout)
}

describeOwnRedis('the bench', () => {
  it('measures one short round, and counts one round trip for a read and two for a write', async () => {
    const { measured } = await bench('--only', 'redis', '--only', '1k')

    expect(measured.map(({ name }) => name)).toEqual(['redis-read-1k', 'redis-write-1k'])
    for (const { ours, theirs } of measured) {
      expect(ours).toBeGreaterThan(0)
      expect(theirs).toBeGreaterThan(0)
    }
    expect(measured[0]?.trips).toMatchObject({
      catamaran: 'GETEX 1.00',
      'express-session': 'EXPIRE 1.00, GET 1.00',
    })
    expect(measured[1]?.trips).toMatchObject({ catamaran: 'EVALSHA 1.00, GETEX 1.00' })
  })

  it('measures the memory store with few and many sessions', async () => {
    const { measured, many } = await bench('--only', 'many')

    expect(measured).toEqual([])
    expect(many.map(({ sessions }) => sessions)).toEqual([1_000, 2_000])
    expect(many[1]?.heap).toBeGreaterThan(300)
  })
})
