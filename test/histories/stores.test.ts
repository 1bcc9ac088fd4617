/**
 * Random histories on every store; `npm run histories` plays more of them. The seed is new each time: a
 * failure prints it, and `npm run histories -- --store redis --seed 7` plays the same programs again.
 */
import { describe, expect, it } from 'vitest'
import { hasRedis } from '../support/redis.ts'
import { check } from './check.ts'
import { createGround, type StoreName, stores } from './grounds.ts'

const seed = Date.now() % 1_000_000
const canRun: Partial<Record<StoreName, boolean>> = { redis: hasRedis }

describe.each(stores)('histories on %s', (store) => {
  const test = canRun[store] === false ? it.skip : it

  test('P4, P5, P6: lose nothing, bring nothing back and read nothing stale: 1,000', async () => {
    await expectRight(store, 'engine', 1_000)
  })

  test('P4, P5, P6: do so through HTTP: 200', async () => {
    await expectRight(store, 'http', 200)
  })
})

async function expectRight(store: StoreName, door: 'engine' | 'http', histories: number) {
  const ground = await createGround(store, door)
  try {
    const { tale, ...found } = await check(ground.places, { seed, histories })

    console.log(`${store}, ${door}, seed ${seed}: ${histories} histories, ${found.events} events`)
    expect(tale ?? 'all right').toBe('all right')
    expect(found).toMatchObject({ wrong: 0, lost: 0, resurrected: 0, stale: 0 })
  } finally {
    await ground.close()
  }
}
