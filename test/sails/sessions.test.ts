import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { named, playSession } from '../compat/sails-session-cases.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { describeSails, liftSails } from './sails.ts'

describeSails('the session of Sails 1.5.18', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.close())

  // The first is that of test/sails/beside.test.ts.
  it.each(named.slice(1))('is as recorded with %s', async (_, each) => {
    const session = { adapter: '@sailshq/connect-redis', url: redis.url, ...each.session }
    const sails = await liftSails({ session, sockets: { beforeConnect: false } })
    onTestFinished(() => sails.close())

    const { lines, row, life } = await playSession(sails.url, redis.url, each)

    expect({ lines, row }).toEqual({ lines: each.lines, row: each.row })
    expect(life).toBeGreaterThan(each.life - 30)
    expect(life).toBeLessThanOrEqual(each.life)
  })
})
