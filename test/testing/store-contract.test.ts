/** The store contract, held against stores that are faulty on purpose: it is only worth what it finds. */
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import { type OpenedStore, storeContract } from '../../src/testing/index.ts'
import { type Fault, faults } from './faulty-stores.ts'

/** The contract's tests for a store, not yet run, by their sentences. */
function contractOf(open: () => Promise<OpenedStore>): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  storeContract('faulty', open, {
    describe: (_name, body) => body(),
    it: (name, body) => void tests.set(name, body),
  })
  return tests
}

/** A memory store with a fault. */
async function openFaulty(fault: Fault): Promise<OpenedStore> {
  let now = 1_000_000
  const clock = () => now
  const [good, neighbour] = [createMemoryStore({ clock }), createMemoryStore({ clock })]
  return {
    store: { ...good, ...fault(good, neighbour) },
    neighbour,
    advance(seconds) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([good.close(), neighbour.close()])
    },
  }
}

const sound: Fault = () => ({})
const each = Object.entries(faults).flatMap(([promise, list]) => {
  return Object.entries(list).map(([words, fault]) => [words, promise, fault] as const)
})

describe('the store contract', () => {
  it('has a faulty store for each of its promises', () => {
    const promises = contractOf(() => openFaulty(sound))

    expect(Object.keys(faults)).toEqual([...promises.keys()])
  })

  it('finds nothing in the store the faulty ones are made of', async () => {
    for (const test of contractOf(() => openFaulty(sound)).values()) await test()
  })

  it.each(each)('finds a store that %s: it "%s"', async (_words, promise, fault) => {
    const test = contractOf(() => openFaulty(fault)).get(promise)

    await expect(test?.()).rejects.toThrow()
  })

  it('closes what it opened also after a promise was broken', async () => {
    const closed: string[] = []
    const promise = 'has a name and says how far its swap is exact'
    const contract = contractOf(async () => ({
      ...(await openFaulty(() => ({ name: '' }))),
      close: async () => void closed.push('closed'),
    }))

    await expect(contract.get(promise)?.()).rejects.toThrow()

    expect(closed).toEqual(['closed'])
  })
})
