/**
 * `npm run bench`: measures Catamaran's session beside express-session, and the memory store with few and
 * many sessions. Ends with 0 whatever comes out: a machine under load proves nothing.
 */
import { parseArgs } from 'node:util'
import { cells } from './cells.ts'
import { installPackages } from './install.ts'
import type { ManyResult } from './many.ts'
import { type Measured, measure } from './measure.ts'
import { startHelper } from './process.ts'
import { startBenchRedis } from './redis.ts'
import { cellTable, manyTable } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    requests: { type: 'string', default: '2000' },
    warmup: { type: 'string', default: '10000' },
    sessions: { type: 'string', default: '1000000' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    'cookie-parser': { type: 'boolean', default: true },
    install: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

if (values.install) await installPackages()
const rounds = Number(values.rounds)
const counts = { requests: Number(values.requests), warmup: Number(values.warmup) }
const isChosen = (name: string) => values.only.every((part) => name.includes(part))
const chosen = cells.filter(({ name }) => isChosen(name))
const measured = await measureCells()
const many = isChosen('many-sessions') ? await measureMany() : []
console.log(values.json ? JSON.stringify({ measured, many }, undefined, 2) : tables())

function tables(): string {
  const parts = [measured.length > 0 && cellTable(measured), many.length > 0 && manyTable(many)]
  return parts.filter(Boolean).join('\n\n')
}

async function measureCells(): Promise<Measured[]> {
  const redis = chosen.some(({ store }) => store === 'redis') ? await startBenchRedis() : undefined
  const results: Measured[] = []
  try {
    for (const cell of chosen) {
      tell(`${cell.name}: ${rounds} rounds`)
      const settings = { rounds, redis }
      results.push(
        await measure(cell, { ...settings, ...counts, cookieParser: values['cookie-parser'] }),
      )
    }
  } finally {
    await redis?.close()
  }
  return results
}

async function measureMany(): Promise<ManyResult[]> {
  const results: ManyResult[] = []
  for (const sessions of [1_000, Number(values.sessions)]) {
    tell(`memory with ${sessions} sessions`)
    const order = { sessions, rounds }
    const helper = await startHelper('./many.ts', order, [
      '--expose-gc',
      '--max-old-space-size=4096',
    ])
    results.push(helper.first as ManyResult)
    await helper.close()
  }
  return results
}

/** Progress goes beside what is asked for. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}
