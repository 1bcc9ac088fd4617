import { expect, it } from 'vitest'
import { heard } from '../sockets/client.ts'
import { describeRedis, startRedis } from '../support/redis.ts'
import { liftNode, loggedIn, send, tab } from './pair.ts'

describeRedis('P16: a logout on one node', () => {
  it('is told to a socket of another, and refused there, below a second: 100 of 100', async () => {
    const redis = await startRedis()
    const session = { adapter: 'redis', url: redis.url }
    const [one, two] = [await liftNode({}, session), await liftNode({}, session)]
    const times: number[] = []
    const refused: unknown[] = []

    for (let round = 0; round < 100; round += 1) {
      const browser = await loggedIn(one.url)
      const there = await tab(two.url, browser)
      const told = heard(there, 'session:ended').then(() => performance.now())
      const answered = browser.post('/logout').then(() => performance.now())
      times.push((await told) - (await answered))
      refused.push((await send(there, 'get', '/me')).statusCode)
    }

    times.sort((a, b) => a - b)
    const [median = 0, last = 0] = [times[50], times[99]]
    console.info(
      `told ${median.toFixed(1)} ms after the logout's answer, at most ${last.toFixed(1)}`,
    )
    expect(refused).toEqual(Array.from({ length: 100 }, () => 401))
    expect(last).toBeLessThan(1000)
    await Promise.all([one.app.lower(), two.app.lower()])
    await redis.close()
  })
})
