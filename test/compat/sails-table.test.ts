/** An app of Sails on ours, case by case: as on Sails itself (test/sails/beside.test.ts), or as the case says. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { handshakeCases, versionCases } from './sails-handshake-cases.ts'
import { httpCases } from './sails-http-cases.ts'
import { messageCases } from './sails-message-cases.ts'
import { playHandshake, playHttp, playMessage, playVersion, whole } from './sails-play.ts'
import { playRooms, roomSteps } from './sails-room-cases.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')

describe('an app of Sails', () => {
  let app: TestApp
  beforeAll(async () => {
    const sockets = { transports: ['websocket' as const, 'polling' as const] }
    app = await testApp(root, { sockets }, { environment: {} })
  })
  afterAll(() => app.close())

  it.each(messageCases)('asked by a bare message $does', async (each) => {
    expect(await playMessage(app.url, each)).toEqual(each.answer)
  })

  it.each(handshakeCases)('has a session that $does', async (each) => {
    expect(await playHandshake(app.url, each)).toEqual(each.answer)
  })

  it.each(versionCases)(
    'asked by SDK $version, in a header $header: takes it? $taken',
    async (each) => {
      expect(await playVersion(app.url, each)).toBe(each.taken)
    },
  )

  it.each(httpCases)('answers $ask $body', async (each) => {
    expect(await playHttp(app.url, each)).toEqual(whole(each.answer))
  })

  it(`lets its rooms hear what they hear in Sails, in ${roomSteps.length} steps`, async () => {
    expect(await playRooms(app.url, roomSteps)).toEqual(roomSteps)
  })
})
