import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startWatch } from './stopwatch.ts'

it('a stopwatch counts time that is waited for something', async () => {
  async function waited() {
    const stop = startWatch()
    await sleep(200)
    return stop()
  }

  // On a busy machine some of it is not this process's own.
  await expect.poll(waited, { timeout: 15_000 }).toBeGreaterThan(150)
})

it('a stopwatch counts the work of its own process', async () => {
  const stop = startWatch()
  const { user } = process.cpuUsage()

  while (process.cpuUsage().user - user < 200_000);

  expect(stop()).toBeGreaterThan(150)
})

it('a stopwatch does not count what the process was kept from a processor', async () => {
  const stop = startWatch()

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  await sleep(10)

  expect(stop()).toBeLessThan(100)
})
