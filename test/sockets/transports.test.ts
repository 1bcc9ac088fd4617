import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { shake, type Transport, transports } from './raw.ts'

const files = { 'config/routes.mjs': `export default { 'GET /': () => 'here' }` }

describe('config/sockets', () => {
  it.each<[Transport]>([['polling'], ['websocket']])(
    'lets clients in by the transports it names: %s',
    async (only) => {
      const { url } = await liftFiles(files, { sockets: { transports: [only] } })

      const answers = await Promise.all(transports.map((transport) => shake(url, transport)))

      const expected = { polling: [200, 400], websocket: [400, 101] }[only]
      expect(answers.map(({ status }) => status)).toEqual(expected)
    },
  )

  it('tells clients how it pings and how much it takes', async () => {
    const sockets = { pingInterval: 1234, pingTimeout: 567, maxHttpBufferSize: 89_000 }
    const { url } = await liftFiles(files, { sockets })

    const { body } = await shake(url, 'polling')

    const told = { pingInterval: 1234, pingTimeout: 567, maxPayload: 89_000 }
    expect(JSON.parse(body.slice(1))).toMatchObject(told)
  })
})
