/**
 * `npm run bench`: measures Catamaran's session beside express-session, the memory store with few and many
 * sessions, and the way through a route. Ends with 0 whatever comes out: a machine under load proves nothing.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cells } from './cells.ts'
import { installPackages } from './install.ts'
import { measureMany } from './many.ts'
import { type Measured, measure } from './measure.ts'
import { startBenchRedis } from './redis.ts'
import { measureRoute, routeCells } from './route.ts'
import type { SideOrder } from './sides.ts'
import { cellTable, manyTable } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    requests: { type: 'string', default: '2000' },
    warmup: { type: 'string', default: '10000' },
    sessions: { type: 'string', default: '1000000' },
    only: { type: 'string', multiple: true, default: [] },
    beside: { type: 'string' },
    json: { type: 'boolean', default: false },
    install: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

if (values.install) await installPackages()
const counts = {
  rounds: Number(values.rounds),
  requests: Number(values.requests),
  warmup: Number(values.warmup),
}
const isChosen = (name: string) => values.only.every((part) => name.includes(part))
const chosen = cells.filter(({ name }) => isChosen(name))
const measured = [...(await measureCells()), ...(await measureRoutes())]
const isMany = isChosen('many-sessions')
if (isMany) tell(`memory with ${values.sessions} sessions`)
const many = isMany ? await measureMany(Number(values.sessions), counts) : []
console.log(values.json ? JSON.stringify({ ...counts, measured, many }, undefined, 2) : tables())

function tables(): string {
  const parts = [measured.length > 0 && cellTable(measured), many.length > 0 && manyTable(many)]
  return parts.filter(Boolean).join('\n\n')
}

async function measureCells(): Promise<Measured[]> {
  const redis = chosen.some(({ store }) => store === 'redis') ? await startBenchRedis() : undefined
  const results: Measured[] = []
  try {
    for (const cell of chosen) {
      tell(`${cell.name}: ${counts.rounds} rounds`)
      results.push(await measure(cell, { ...counts, redis, sides: sides() }))
    }
  } finally {
    await redis?.close()
  }
  return results
}

async function measureRoutes(): Promise<Measured[]> {
  const results: Measured[] = []
  for (const cell of routeCells.filter(({ name }) => isChosen(name))) {
    tell(`${cell.name}: ${counts.rounds} rounds`)
    results.push(await measureRoute(cell, counts))
  }
  return results
}

/** What is compared; all are set beside the last. */
function sides(): SideOrder[] {
  const ours = { peer: 'catamaran', cookieParser: false } as const
  if (values.beside) {
    return [
      { name: 'ours', ...ours },
      { name: 'beside', ...ours, root: resolve(values.beside) },
    ]
  }
  return [
    { name: 'no session', peer: 'none', cookieParser: false },
    { name: 'ours', ...ours },
    { name: 'ours + cookie-parser', ...ours, cookieParser: true },
    { name: 'express-session + cookie-parser', peer: 'express-session', cookieParser: true },
  ]
}

/** Progress goes beside what is asked for. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}
