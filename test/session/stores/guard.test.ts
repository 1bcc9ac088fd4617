import { describe, expect, it } from 'vitest'
import { createGuard } from '../../../src/session/stores/guard.ts'
import { createHealth } from '../../../src/session/stores/health.ts'

describe('the guard of a store’s commands', () => {
  it('P12: tells what the driver said of a connection that broke before anybody noticed', async () => {
    const redact = (error: unknown) => error as Error
    const health = createHealth({ label: 'A server', address: 'here', warn() {}, redact })
    health.up()
    let client: string | undefined = 'the first'
    const link = { current: () => client, drop() {} }
    const isReply = () => false
    const guard = createGuard({ name: 'own', link, health, deadline: 50, redact, isReply })

    const ran = guard.run(async () => {
      client = undefined
      throw new Error('connection 5 closed')
    })

    await expect(ran).rejects.toMatchObject({
      code: 'E_STORE_DOWN',
      cause: { message: 'connection 5 closed' },
    })
  })
})
