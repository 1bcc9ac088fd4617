import { describe, expect, it } from 'vitest'
import { createRate } from '../../src/sockets/rate.ts'
import { liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'

const files = {
  'config/routes.mjs': `export default {
    'GET /': () => 'here',
    'ON hello': () => 'hello',
    'ON parts': (req) => req.body.length ?? 1,
  }`,
}

describe('W10: the rate of events', () => {
  it('lets a burst through, then so many a second, and ends a flood', () => {
    let now = 0
    const rate = createRate({ perSecond: 2, burst: 3 }, () => now)
    const socket = {}
    const take = (times: number) => Array.from({ length: times }, () => rate.take(socket))

    expect(take(4)).toEqual(['pass', 'pass', 'pass', 'refuse'])
    now += 1000
    expect(take(3)).toEqual(['pass', 'pass', 'refuse'])
    expect(take(3)).toEqual(['refuse', 'refuse', 'end'])
    now += 60_000
    expect(take(4)).toEqual(['pass', 'pass', 'pass', 'refuse'])
    expect(rate.take({})).toBe('pass')
  })

  it('is answered with 429 where somebody waits, of either kind', async () => {
    const app = await liftFiles(files, { sockets: { rate: { perSecond: 0.01, burst: 2 } } })
    const socket = await connect(app.url)
    const ask = () => socket.emitWithAck('get', { url: '/' })

    expect((await ask()).statusCode).toBe(200)
    expect(await socket.emitWithAck('hello')).toBe('hello')
    expect(await ask()).toMatchObject({ statusCode: 429, body: { code: 'E_TOO_MANY' } })
    expect(await socket.emitWithAck('hello')).toMatchObject({ error: { status: 429 } })
    const gone = heard(socket, 'disconnect')
    socket.emit('hello')

    expect(await gone).toBe('io server disconnect')
  })

  it('is 200 at once unless the config says otherwise, or none', async () => {
    const usual = await liftFiles(files)
    const free = await liftFiles(files, { sockets: { rate: false } })
    const count = async ({ url }: typeof usual) => {
      const socket = await connect(url)
      const all = Array.from({ length: 300 }, () => socket.emitWithAck('get', { url: '/' }))
      return (await Promise.all(all)).filter(({ statusCode }) => statusCode === 200).length
    }

    const passed = await count(usual)
    expect(passed).toBeGreaterThanOrEqual(200)
    expect(passed).toBeLessThan(300)
    expect(await count(free)).toBe(300)
  })
})

describe('Z10: the binary parts of a message', () => {
  it.each([
    [{}, 4],
    [{ maxAttachments: 6 }, 6],
  ])('with %j are %i at most', async (sockets, most) => {
    const app = await liftFiles(files, { sockets })
    const parts = (count: number) => Array.from({ length: count }, () => Buffer.from('x'))
    const socket = await connect(app.url)

    expect(await socket.emitWithAck('parts', parts(most))).toBe(most)
    const gone = heard(socket, 'disconnect')
    socket.emit('parts', parts(most + 1))

    expect(await gone).toMatch(/transport|server/)
  })
})
