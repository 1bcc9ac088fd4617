import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { createSqliteStore } from '../../../src/session/stores/sqlite.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

storeContract('sqlite', openSqlite, { describe, it })

async function openSqlite() {
  let now = 1_000_000
  const clock = () => now
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-sqlite-'))
  // A busy machine may take a second to start their threads.
  const open = (name: string) =>
    createSqliteStore({ file: join(folder, name), clock, warn: console.warn, storeTimeout: 15 })
  const [store, neighbour] = [open('a.db'), open('b.db')]
  return {
    store,
    neighbour,
    advance(seconds: number) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([store.close(), neighbour.close()])
      await rm(folder, { recursive: true })
    },
  }
}
