import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { connectSails, requestSails } from '../sockets/sails-client.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { appRoot, describeSails, liftSails, type RunningSails } from './sails.ts'

describeSails('beside Sails with an own `key` and `prefix` of the session', () => {
  let redis: TestRedis
  let sails: RunningSails
  let ours: TestApp

  beforeAll(async () => {
    redis = await startRedis()
    const names = { key: 'own.sid', prefix: 'own:' }
    const session = { adapter: '@sailshq/connect-redis', url: redis.url, ...names }
    sails = await liftSails({ session })
    ours = await testApp(appRoot, { session }, { environment: {} })
  })
  afterAll(async () => {
    await ours?.close()
    await sails?.close()
    await redis?.close()
  })

  /** Logs in over HTTP; gives the cookie. */
  async function login(url: string): Promise<string> {
    const answer = await fetch(`${url}/login`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'ada' }),
    })
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }

  it.each([
    ['Sails', 'ours'],
    ['ours', 'Sails'],
  ])(
    'a cookie and a record made by %s are those of %s, over HTTP and sockets',
    async (from, to) => {
      const urlOf = (name: string) => (name === 'ours' ? ours.url : sails.url)
      const cookie = await login(urlOf(from))
      const initialConnectionHeaders = { cookie }

      const http = await fetch(`${urlOf(to)}/counter`, { headers: initialConnectionHeaders })
      const body = await http.json()
      const socket = await connectSails(urlOf(to), {
        transports: ['websocket'],
        initialConnectionHeaders,
      })
      const event = await requestSails(socket, { method: 'get', url: '/counter' })

      expect(cookie).toMatch(/^own\.sid=s%3A[\w-]{32}\./)
      expect([http.status, body, http.headers.getSetCookie()]).toEqual([200, { count: 1 }, []])
      expect(event).toMatchObject({ statusCode: 200, body: { count: 2 } })
      const id = /s%3A([^.]+)/.exec(cookie)?.[1]
      const client = await createClient({ url: redis.url }).connect()
      const stored = await client.get(`own:${id}`)
      await client.close()
      expect(JSON.parse(stored ?? '{}')).toMatchObject({ userId: 1, count: 2 })
    },
  )
})
