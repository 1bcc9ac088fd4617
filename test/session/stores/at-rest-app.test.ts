import type { Request } from 'express'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liftFiles } from '../../support/lift-files.ts'
import { describeRedis, startRedis } from '../../support/redis.ts'
import { createOtherStore } from './connect-store.ts'

const routes = {
  'POST /login': (req: Request) => {
    Object.assign(req.session, { userId: 'ada' })
    return { id: req.sessionID }
  },
  'GET /me': (req: Request) => ({ userId: Reflect.get(req.session, 'userId') ?? null }),
  'POST /logout': async (req: Request) => {
    await req.session.destroy()
    return {}
  },
}

/** Every key and text of one prefix. */
async function contentOf(url: string, prefix: string): Promise<string> {
  const client = await createClient({ url }).connect()
  const content: string[] = []
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) {
    for (const key of keys) content.push(key, (await client.get(key)) ?? '')
  }
  await client.close()
  return content.join('\n')
}

describeRedis('P15: an app with hashIds and encrypt on redis', () => {
  it('serves both doors, and redis holds neither ids nor data', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const prefix = `at-rest-${process.pid}:`
    const session = { adapter: 'redis', url: redis.url, prefix, hashIds: true, encrypt: true }
    const app = await liftFiles({}, { routes, session })
    const browser = app.browser()

    const { body } = await browser.post('/login')
    const { id } = body as { id: string }
    const socket = await browser.socket()
    const content = await contentOf(redis.url, prefix)

    expect(content).toMatch(/:[0-9a-f]{64}\n\{"encrypted":"1\./)
    expect(content).not.toMatch(/"ada"|userId|cookie/)
    expect(content).not.toContain(id)
    expect((await browser.get('/me')).body).toEqual({ userId: 'ada' })
    expect((await browser.emit('GET /me')).body).toEqual({ userId: 'ada' })

    const ended = new Promise((resolve) => socket.once('session:ended', resolve))
    await browser.post('/logout')
    expect(await ended).toMatchObject({ reason: 'destroyed' })
    expect(await contentOf(redis.url, prefix)).toBe('')
  })
})

describe('P15: an app with hashIds and encrypt on a Connect store', () => {
  it('keeps neither ids nor data there', async () => {
    const store = createOtherStore(Date.now)
    const settings = { store, hashIds: true, encrypt: true }
    const app = await liftFiles({}, { routes, session: settings })
    const browser = app.browser()

    await browser.post('/login')
    const held = JSON.stringify(store.last())

    expect((await browser.get('/me')).body).toEqual({ userId: 'ada' })
    expect(held).toContain('"encrypted":"1.')
    expect(held).not.toContain('ada')
  })
})
