import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { packets, rawSocket } from './raw-packets.ts'
import { expectAlive, files } from './victim.ts'

/** To play the same again: FUZZ_SEED; for more: FUZZ_TIMES, that many times as many. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const times = Number(process.env['FUZZ_TIMES'] ?? 1)
/** So many at once. */
const atOnce = 50

/** What is random, the same for the same seed; a part at a time. */
function* parts<T>(arbitrary: fc.Arbitrary<T>, count: number): Generator<readonly T[]> {
  for (let at = 0; at < count; at += atOnce) {
    yield fc.sample(arbitrary, { seed: seed + at, numRuns: atOnce })
  }
}

describe('Z07: random messages', () => {
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

  // Socket.IO's client has these to itself.
  const reserved = [
    'connect',
    'connect_error',
    'disconnect',
    'disconnecting',
    'newListener',
    'removeListener',
  ]
  const event = fc.record({
    name: name.filter((text) => !reserved.includes(text)),
    args: fc.array(message, { maxLength: 2 }),
  })

  it('are all acknowledged, by one process: 5,000', async () => {
    console.info(`fuzz of the socket door: FUZZ_SEED=${seed}`)
    const app = await liftFiles(files, { sockets: { rate: false } })
    const socket = await connect(app.url)

    for (const part of parts(event, 5000 * times)) {
      const acks = await Promise.all(
        part.map(({ name, args }) => socket.timeout(20_000).emitWithAck(name, ...args)),
      )

      const odd = acks.findIndex(({ statusCode }) => typeof statusCode !== 'number')
      expect(part[odd]).toBeUndefined()
    }

    expect(socket.connected).toBe(true)
    await expectAlive(app)
  })
})

describe('Z08: mutated packets', () => {
  const texts = Object.values(packets).map(String)
  const place = fc.nat({ max: 60 })
  const change = fc.oneof(
    fc.record({
      at: place,
      put: fc.constantFrom('', '"', '[', '{', ',', '-', '0', '9', '4', '\0'),
    }),
    fc.record({ at: place, put: fc.string({ maxLength: 3 }) }),
    fc.record({ at: place, put: fc.constantFrom(...texts).map((text) => text.slice(0, 100)) }),
  )
  const packet = fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce(
        (last, { at, put }) => `${last.slice(0, at)}${put}${last.slice(at + 1)}`,
        text,
      ),
    )
  const counting = {
    'config/routes.mjs': `export default {
      'GET /': () => 'here',
      'GET /clients': (req) => req.socket.nsp.server.engine.clientsCount,
    }`,
  }

  it('end nothing but their own connections, and leave nothing behind: 1,000', async () => {
    console.info(`fuzz of packets: FUZZ_SEED=${seed}`)
    const app = await liftFiles(counting, { sockets: { rate: false } })
    const socket = await connect(app.url)
    const clients = async () => (await socket.emitWithAck('get', { url: '/clients' })).body
    const before = timers()

    for (const part of parts(packet, 1000 * times)) {
      const lines = await Promise.all(part.map(() => rawSocket(app)))
      await Promise.all(
        part.map(async (text, index) => {
          const line = lines[index]
          line?.send(text)
          line?.send('42["get",7]')
          await line?.next()
          line?.close()
        }),
      )
      await expectAlive(app)
    }
    while ((await clients()) > 1);

    expect(timers()).toBeLessThanOrEqual(before)
  })
})

/** That keep this process. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
