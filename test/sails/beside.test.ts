import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SocketsConfigInput } from '../../src/config/sockets.ts'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { handshakeCases, versionCases } from '../compat/sails-handshake-cases.ts'
import { httpCases } from '../compat/sails-http-cases.ts'
import { messageCases } from '../compat/sails-message-cases.ts'
import { playHandshake, playHttp, playMessage, playVersion, whole } from '../compat/sails-play.ts'
import { playRooms, roomSteps } from '../compat/sails-room-cases.ts'
import { cases } from '../sockets/sails-cases.ts'
import { connectSails, requestSails, type SailsSocket } from '../sockets/sails-client.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { appRoot, describeSails, liftSails, type RunningSails } from './sails.ts'

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly setCookies: readonly string[]
}

async function ask(method: string, url: string, { cookie = '', data = {} } = {}): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { cookie, 'Content-Type': 'application/json', Accept: 'application/json' },
    ...(method !== 'GET' && { body: JSON.stringify(data) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json')
  const setCookies = answer.headers.getSetCookie()
  return { status: answer.status, body: isJson ? JSON.parse(text) : text, setCookies }
}

/** Logs in over HTTP; gives the cookie's pair. */
async function login(url: string, name: string): Promise<string> {
  const { setCookies } = await ask('PUT', `${url}/login`, { data: { name } })
  return setCookies.find((line) => line.startsWith('sails.sid='))?.split(';')[0] ?? ''
}

const open = (url: string, cookie: string) =>
  connectSails(url, { transports: ['websocket'], initialConnectionHeaders: { cookie } })

const get = (socket: SailsSocket, url: string) => requestSails(socket, { method: 'get', url })

describeSails('beside a running Sails 1.5.18, on the same Redis', () => {
  let redis: TestRedis
  let sails: RunningSails
  let ours: TestApp

  beforeAll(async () => {
    redis = await startRedis()
    const sockets: SocketsConfigInput = { transports: ['websocket', 'polling'] }
    const session = { adapter: '@sailshq/connect-redis', url: redis.url }
    const rooms = { ...sockets, adapter: '@sailshq/socket.io-redis', url: redis.url }
    sails = await liftSails({ session, sockets: rooms })
    ours = await testApp(appRoot, { session, sockets: rooms }, { environment: {} })
  })
  afterAll(async () => {
    await ours?.close()
    await sails?.close()
    await redis?.close()
  })

  const both = () => [
    ['ours', sails.url, ours.url],
    ['Sails', ours.url, sails.url],
  ]

  it('a login made by either is one for the other, over HTTP and sockets', async () => {
    for (const [name, from = '', to = ''] of both()) {
      const cookie = await login(from, 'ada')

      const http = await ask('GET', `${to}/me`, { cookie })
      const socket = await get(await open(to, cookie), '/me')

      expect([name, http.status, http.body]).toEqual([
        name,
        200,
        { userId: 1, baseUrl: 'http://localhost:1337' },
      ])
      expect(http.setCookies).toEqual([])
      expect(socket).toMatchObject({ statusCode: 200, body: { userId: 1 } })
    }
  })

  it('a logged-in user goes forth and back without a new login, nothing lost on the way', async () => {
    const cookie = await login(sails.url, 'ada')
    const counts: unknown[] = []

    for (const url of [sails.url, ours.url, sails.url, ours.url]) {
      counts.push((await ask('GET', `${url}/counter`, { cookie })).body)
      const socket = await open(url, cookie)
      counts.push((await get(socket, '/counter')).body)
      socket.disconnect()
    }
    const renamed = await ask('PATCH', `${ours.url}/account/name`, {
      cookie,
      data: { name: 'Ada' },
    })
    const account = await ask('GET', `${sails.url}/account`, { cookie })

    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => ({ count })))
    expect(renamed.status).toBe(200)
    expect(account.body).toEqual({ account: 1, name: 'Ada' })
  })

  it('a logout by either is one for the other, for open sockets too', async () => {
    for (const [name, from = '', to = ''] of both()) {
      const cookie = await login(from, 'eve')
      const socket = await open(to, cookie)
      expect((await get(socket, '/me')).statusCode).toBe(200)

      await ask('POST', `${from}/logout`, { cookie })

      expect([name, (await get(socket, '/me')).statusCode]).toEqual([name, 403])
      expect((await ask('GET', `${to}/me`, { cookie })).status).toBe(403)
    }
  })

  it('what a session has that Sails ended is nobody’s at the next request of sails.io.js', async () => {
    const cookie = await login(sails.url, 'ada')
    const socket = await open(ours.url, cookie)
    expect((await get(socket, '/me')).statusCode).toBe(200)

    await ask('DELETE', `${sails.url}/account/session`, { cookie })

    const refused = { statusCode: 403, body: 'Forbidden' }
    expect(await get(socket, '/me')).toMatchObject(refused)
    expect(await get(socket, '/me')).toMatchObject(refused)
  })

  it('what either stores the other leaves as it is, fields it does not know included', async () => {
    const client = createClient({ url: redis.url })
    await client.connect()
    const cookie = await login(sails.url, 'ada')
    const id = /^sails\.sid=s%3A([^.]+)/.exec(cookie)?.[1]
    const read = async () => JSON.parse((await client.get(`sess:${id}`)) ?? '{}')
    const before = { ...(await read()), foreign: { list: [1, null], text: 'ü' } }
    await client.set(`sess:${id}`, JSON.stringify(before), {
      expiration: { type: 'EX', value: 60 },
    })

    await ask('GET', `${ours.url}/counter`, { cookie })
    await ask('GET', `${sails.url}/counter`, { cookie })

    expect(await read()).toEqual({ ...before, count: 2 })
    expect(await client.ttl(`sess:${id}`)).toBeGreaterThan(60)
    await client.close()
  })

  it('what either sends to a room, to all or to one reaches the sockets of both', async () => {
    const [old, young] = await Promise.all([
      connectSails(sails.url, { transports: ['websocket'] }),
      connectSails(ours.url, { transports: ['websocket'] }),
    ])
    const got: unknown[] = []
    old.on('news', () => got.push('at Sails'))
    young.on('news', () => got.push('at ours'))
    const room = (socket: SailsSocket, verb: string, data: object = {}) =>
      requestSails(socket, {
        method: 'post',
        url: `/room/${verb}`,
        data: { room: 'crew', ...data },
      })
    const heard = async (by: SailsSocket, verb: string, data: object = {}) => {
      got.length = 0
      expect((await room(by, verb, data)).statusCode).toBe(200)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return [...got].sort()
    }
    const idOf = async (socket: SailsSocket) =>
      ((await room(socket, 'id')).body as { id: string }).id
    for (const socket of [old, young]) await room(socket, 'join')

    const both = ['at Sails', 'at ours']
    expect(await heard(old, 'broadcast')).toEqual(both)
    expect(await heard(young, 'broadcast')).toEqual(both)
    expect(await heard(old, 'broadcast-omit')).toEqual(['at ours'])
    expect(await heard(young, 'broadcast-omit')).toEqual(['at Sails'])
    expect(await heard(young, 'blast')).toEqual(both)
    expect(await heard(old, 'blast-omit')).toEqual(['at ours'])
    expect(await heard(young, 'broadcast', { room: await idOf(old) })).toEqual(['at Sails'])
    expect(await heard(old, 'broadcast', { room: await idOf(young) })).toEqual(['at ours'])
  })

  it('each gives its cookie the same look', async () => {
    const lines = await Promise.all(
      [sails.url, ours.url].map(async (url) => (await ask('GET', `${url}/user`)).setCookies[0]),
    )
    const look = /^sails\.sid=s%3A[\w-]{32}\.[\w%]+; Path=\/; HttpOnly$/

    expect(lines).toEqual([expect.stringMatching(look), expect.stringMatching(look)])
  })

  it('Sails gives the answers that were recorded from it', async () => {
    const socket = await connectSails(sails.url, { transports: ['websocket'] })

    for (const { ask: line, send, answer, sails: recorded } of cases) {
      const [method, url] = line.split(' ')
      const { statusCode, body, headers } = await requestSails(socket, { method, url, ...send })
      const seen = body === undefined ? { statusCode, headers } : { statusCode, body, headers }
      expect({ line, answer: seen }).toEqual({ line, answer: recorded ?? answer })
    }
  })

  it('Sails answers bare messages, handshakes and pages as was recorded from it', async () => {
    for (const each of messageCases) {
      const answer = await playMessage(sails.url, each)
      expect({ does: each.does, answer }).toEqual({
        does: each.does,
        answer: each.sails ?? each.answer,
      })
    }
    for (const each of handshakeCases) {
      const seen = await playHandshake(sails.url, each)
      expect({ does: each.does, seen }).toEqual({
        does: each.does,
        seen: each.sails ?? each.answer,
      })
    }
    for (const each of versionCases.filter(({ fatal }) => !fatal)) {
      expect({ ...each, taken: await playVersion(sails.url, each) }).toEqual(each)
    }
    for (const each of httpCases) {
      const answer = await playHttp(sails.url, each)
      expect({ ask: each.ask, answer }).toEqual({
        ask: each.ask,
        answer: whole(each.sails ?? each.answer),
      })
    }
  })

  it('rooms of Sails hear what was recorded from it', async () => {
    expect(await playRooms(sails.url, roomSteps)).toEqual(roomSteps)
  })
})
