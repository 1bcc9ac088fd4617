/**
 * A process that measures the memory store with few and with very many sessions: the time of a read and of
 * a write of a random one, and the heap that each session takes. Wants `--expose-gc`.
 */
import { createMemoryStore } from '../src/session/stores/memory.ts'
import { quantile } from './measure.ts'
import { otherText } from './peers.ts'

export interface ManyResult {
  readonly sessions: number
  /** **Microseconds**, medians of the rounds. */
  readonly read: number
  readonly write: number
  /** Heap bytes per session, its id and its text included. */
  readonly heap: number
  /** Length of its id and its text. */
  readonly characters: number
}

const { sessions, rounds } = JSON.parse(process.argv[2] ?? '') as {
  sessions: number
  rounds: number
}
/** Operations of one round. */
const steps = 20_000

const before = heapNow()
const store = createMemoryStore({ clock: Date.now, maxBytes: 2 ** 34 })
const idOf = (index: number) => `${index}`.padStart(32, 'x')
for (let index = 0; index < sessions; index += 1) {
  await store.create(idOf(index), otherText(index), 86_400)
}
const heap = Math.round((heapNow() - before) / sessions)
const results = { read: [] as number[], write: [] as number[] }
for (let round = 0; round < rounds + 2; round += 1) {
  const read = await timeOf((id) => store.read(id))
  const write = await timeOf(async (id) => {
    const text = (await store.read(id)) ?? ''
    await store.swap(id, text, text.replace(/\d+}$/, `${round}}`), 86_400)
  })
  // The first ones warm up.
  if (round < 2) continue
  results.read.push(read)
  results.write.push(write)
}
const result: ManyResult = {
  sessions,
  read: quantile(results.read, 0.5),
  write: quantile(results.write, 0.5),
  heap,
  characters: otherText(sessions).length + 32,
}
process.once('disconnect', () => process.exit())
process.send?.(result)

/** **Microseconds** of CPU time that one step takes, with ids made ready before. */
async function timeOf(step: (id: string) => Promise<unknown>): Promise<number> {
  const ids = Array.from({ length: steps }, () => idOf(Math.floor(Math.random() * sessions)))
  const started = process.cpuUsage()
  for (const id of ids) await step(id)
  const { user, system } = process.cpuUsage(started)
  return (user + system) / steps
}

function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
