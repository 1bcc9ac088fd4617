import { createClient, createCluster } from 'redis'
import { expect, it, vi } from 'vitest'
import { createRedisStore } from '../../../src/session/stores/redis.ts'
import { describeOwnRedis, startRedis } from '../../support/redis.ts'

/** Makes a cluster of one server, which has all slots. */
async function formCluster(url: string): Promise<void> {
  const server = createClient({ url })
  await server.connect()
  await server.clusterAddSlotsRange({ start: 0, end: 16_383 })
  await vi.waitFor(async () => {
    expect(await server.clusterInfo()).toContain('cluster_state:ok')
  }, 10_000)
  await server.close()
}

describeOwnRedis('a cluster client of the app’s own', () => {
  it('serves sessions that lie in different slots', async () => {
    const server = await startRedis({ own: true, args: ['--cluster-enabled', 'yes'] })
    await formCluster(server.url)
    const client = createCluster({ rootNodes: [{ url: server.url }] })
    await client.connect()
    const store = await createRedisStore({ client, root: import.meta.dirname, warn: console.warn })
    const ids = ['a', 'b', 'c', 'd']

    for (const id of ids) await store.create(id, '{}', 60)
    const swap = await store.swap('a', '{}', '{"n":1}', 60)
    const count = await store.count()
    await store.check()
    await store.destroy('b')
    const listed: string[] = []
    for await (const id of store.list()) listed.push(id)
    await store.clear()

    expect([swap, count, listed.sort()]).toEqual(['done', 4, ['a', 'c', 'd']])
    expect(await store.count()).toBe(0)
    await store.close()
    await client.close()
    await server.close()
  })
})
