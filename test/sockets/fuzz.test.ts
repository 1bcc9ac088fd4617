import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { expectAlive, files } from './victim.ts'

describe('300 random messages', () => {
  const word = fc.constantFrom(
    'url',
    'data',
    'params',
    'headers',
    'method',
    '__proto__',
    'nosession',
  )
  const part = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('/', '/echo', '/keep', '/echo/a', '/%', '?', '/a?b[c]=d', '/\u0000', '\ud800'),
    fc.webUrl(),
    fc.dictionary(
      fc.constantFrom('Cookie', 'host', 'x-a', '__proto__', 'Content-Type'),
      fc.jsonValue(),
    ),
  )
  const message = fc.oneof(
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 4, arbitrary: fc.dictionary(word, part) },
  )
  const name = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('get', 'post', 'put', 'patch', 'delete', 'options', 'head'),
    },
    { weight: 1, arbitrary: fc.string() },
  )

  it('are all acknowledged, by one process', async () => {
    const app = await liftFiles(files, { sockets: { rate: false } })
    const socket = await connect(app.url)
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
    console.info(`fuzz of the socket door: FUZZ_SEED=${seed}`)
    const reserved = [
      'connect',
      'connect_error',
      'disconnect',
      'disconnecting',
      'newListener',
      'removeListener',
    ]

    await fc.assert(
      fc.asyncProperty(name, fc.array(message, { maxLength: 2 }), async (event, args) => {
        fc.pre(!reserved.includes(event))
        const ack = await socket.timeout(3000).emitWithAck(event, ...args)
        expect(ack.statusCode).toBeTypeOf('number')
      }),
      { seed, numRuns: 300 },
    )

    expect(socket.connected).toBe(true)
    await expectAlive(app)
  })
})
