/** What two nodes in one process leave behind when they can't be lifted. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder } from '../support/app-folder.ts'

const memories = vi.hoisted(() => ({ open: 0 }))
vi.mock(import('../../src/session/stores/memory.ts'), async (original) => {
  const { createMemoryStore, ...others } = await original()
  return {
    ...others,
    createMemoryStore(...given) {
      const store = createMemoryStore(...given)
      memories.open += 1
      return {
        ...store,
        async close() {
          await store.close()
          memories.open -= 1
        },
      }
    },
  }
})

/** A port, and what frees it. */
async function takenPort() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const free = () => new Promise((resolve) => server.close(resolve))
  onTestFinished(async () => void (await free()))
  return { port: (server.address() as AddressInfo).port, free }
}

describe('the memory two nodes share', () => {
  it.each(['first', 'second'])('is closed when the %s cannot be lifted', async (which) => {
    const root = await appFolder({})
    const { port, free } = await takenPort()
    if (which === 'second') await free()

    const lifting = testNodes(root, { port, host: '127.0.0.1' })

    await expect(lifting).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
    expect(memories.open).toBe(0)
  })
})
