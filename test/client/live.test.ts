/** What a client knows of its session. */
import { CookieJar } from 'tough-cookie'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, type SessionEvent } from '../../src/client/client.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { visit } from './ground.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'GET /me': ({ session }) => ({ userId: session.userId ?? null }),
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /theme': (req) => { req.session.theme = req.body.theme; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
  }`,
}

/** Two tabs of one browser, and what the second one hears. */
async function twoTabs(session: object = {}) {
  const { url } = await liftFiles(files, { session: { public: ['userId', 'theme'], ...session } })
  const jar = new CookieJar()
  const first = visit(url, {}, jar)
  await first.client.post('/theme', { theme: 'dark' })
  const second = visit(url, {}, jar)
  const heard: SessionEvent[] = []
  second.client.on('session', (event) => heard.push(event))
  await expect.poll(() => second.client.session).toEqual({ theme: 'dark' })
  return { url, first: first.client, second: second.client, heard, cookie: first.cookie }
}

describe('W7: client.session', () => {
  it('has what a request has changed when it is answered', async () => {
    const { first } = await twoTabs({ user: 'userId' })

    await first.post('/login')
    const after = { ...first.session }
    await first.post('/logout')

    expect(after).toEqual({ userId: 'ada', theme: 'dark' })
    expect(first.session).toEqual({})
  })

  it('follows other tabs; events tell what is new, the first all fields', async () => {
    const { first, second, heard } = await twoTabs()

    await first.post('/theme', { theme: 'light' })
    await expect.poll(() => second.session).toEqual({ theme: 'light' })
    await first.post('/theme')
    await expect.poll(() => second.session).toEqual({})

    expect(heard).toEqual([
      { type: 'changed', fields: { userId: null, theme: 'dark' } },
      { type: 'changed', fields: { theme: 'light' } },
      { type: 'changed', fields: { theme: null } },
    ])
  })

  it('is empty when the session has ended, and follows the next login by itself', async () => {
    const { url, first, second, heard, cookie } = await twoTabs()
    heard.length = 0

    await first.post('/logout')
    await expect.poll(() => heard.length).toBe(2)
    const left = { ...second.session }
    await expect.poll(() => second.connected, { timeout: 5000 }).toBe(true)
    await fetch(`${url}/login`, { method: 'POST', headers: { cookie: cookie() } })

    expect(heard.slice(0, 2)).toEqual([
      { type: 'changed', fields: { theme: null } },
      { type: 'ended', reason: 'destroyed', reconnect: false },
    ])
    expect(left).toEqual({})
    // Its new cookie stands in the answer that `fetch` has thrown away: that it is called is enough.
    await expect
      .poll(() => heard[2], { timeout: 5000 })
      .toEqual({ type: 'ended', reason: 'replaced', reconnect: true })
  })

  it('stays as it is, and tells nothing, while a connection is renewed', async () => {
    const { second, heard } = await twoTabs()

    second.connect()
    await second.get('/me')

    expect(second.session).toEqual({ theme: 'dark' })
    expect(heard).toHaveLength(1)
  })

  it('tells after a renewed connection what has changed meanwhile', async () => {
    const { first, second, heard } = await twoTabs()

    second.close()
    await first.post('/theme', { theme: 'light' })
    second.connect()

    await expect.poll(() => heard.at(-1)).toEqual({ type: 'changed', fields: { theme: 'light' } })
  })

  it('is typed by the fields a page names', async () => {
    const { url } = await liftFiles(files, { session: { public: ['theme'] } })
    const client = connect<{ theme: 'dark' | 'light' }>(url)
    onTestFinished(() => client.close())
    const seen: ('dark' | 'light' | null | undefined)[] = []
    client.on('session', (event) => {
      if (event.type === 'changed') seen.push(event.fields.theme)
    })

    await client.post('/theme', { theme: 'dark' })

    // @ts-expect-error: no field of this session
    expect(client.session.them).toBeUndefined()
    expect([client.session.theme, ...seen]).toEqual(['dark', null, 'dark'])
  })
})
