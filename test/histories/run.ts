/**
 * `npm run histories`: plays many random histories on each store, with progress, and prints the seed. Ends
 * with 1 when one was wrong.
 */
import { parseArgs } from 'node:util'
import { check, type Result } from './check.ts'
import { createGround, isStore, type StoreName, stores } from './grounds.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', multiple: true },
    door: { type: 'string', default: 'engine' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    count: { type: 'string', default: '10000' },
  },
})

async function run(store: StoreName): Promise<Result> {
  const door = values.door === 'http' ? 'http' : 'engine'
  const ground = await createGround(store, door)
  const started = performance.now()
  const histories = Number(values.count)
  try {
    return await check(ground.places, {
      seed: Number(values.seed),
      histories,
      onProgress(done) {
        const rate = Math.round((done * 1000) / (performance.now() - started))
        process.stderr.write(`\r${store}: ${done} of ${histories}, ${rate} a second `)
      },
    })
  } finally {
    process.stderr.write('\n')
    await ground.close()
  }
}

for (const store of values.store ?? stores) {
  if (!isStore(store)) throw new Error(`--store is one of ${stores.join(', ')}`)
  const { tale, ...numbers } = await run(store)
  console.log(store, numbers)
  if (tale === undefined) continue
  console.log(tale)
  process.exitCode = 1
}
