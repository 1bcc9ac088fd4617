/** The store contract on the memory store; sqlite-contract, redis-contract and mongo-contract have the others. */
import { describe, it } from 'vitest'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

storeContract('memory', openMemory, { describe, it })

async function openMemory() {
  let now = 1_000_000
  const clock = () => now
  const store = createMemoryStore({ clock })
  const neighbour = createMemoryStore({ clock })
  return {
    store,
    neighbour,
    advance(seconds: number) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([store.close(), neighbour.close()])
    },
  }
}
