/** `config/session` of an app of Sails on ours: as on Sails itself (test/sails/sessions.test.ts). */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { named, playSession } from './sails-session-cases.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')

describeRedis('the session of an app of Sails', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.close())

  it.each(named)('is kept and sent as %s says', async (_, each) => {
    const session = { adapter: '@sailshq/connect-redis', url: redis.url, ...each.session }
    const app = await testApp(root, { session }, { environment: {} })
    onTestFinished(() => app.close())

    const { lines, row, life } = await playSession(app.url, redis.url, each)

    expect({ lines, row }).toEqual({ lines: each.lines, row: each.row })
    expect(life).toBeGreaterThan(each.life - 30)
    expect(life).toBeLessThanOrEqual(each.life)
  })
})
