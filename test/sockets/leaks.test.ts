import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { appFolder, liftFiles, strongSecret } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { expectAlive, files } from './victim.ts'

const routes = {
  'config/routes.mjs': `export default {
    'GET /ask': (req) => { for (let n = 0; n < 10000; n += 1) req.socket.timeout(200).emit('ask', n, () => {}); return req.socket.acks.size },
    'GET /acks': (req) => req.socket.acks.size,
  }`,
}

describe('Z13: what nobody answers', () => {
  it('is forgotten by its time-out: 10,000 asked of a silent client', async () => {
    const app = await liftFiles(routes)
    const socket = await connect(app.url)

    const waiting = (await socket.emitWithAck('get', { url: '/ask' })).body
    await sleep(1500)
    const left = (await socket.emitWithAck('get', { url: '/acks' })).body

    expect(waiting).toBe(10_000)
    expect(left).toBe(0)
  })
})

describe('Z11: events without a route', () => {
  it('leave nothing behind: 10,000 names', async () => {
    const app = await liftFiles(files, { sockets: { rate: false } })
    const socket = await connect(app.url)

    const names = Array.from({ length: 10_000 }, (_, index) => `no-such-${index}`)
    const acks = await Promise.all(names.map((name) => socket.emitWithAck(name, {})))

    expect(new Set(acks.map((ack) => JSON.stringify(ack))).size).toBe(1)
    await expectAlive(app)
  })
})

describe('events that were answered', () => {
  it('are let go at once, with their requests and sessions', async () => {
    const root = await appFolder({})
    const script = join(import.meta.dirname, 'survivors.ts')
    const flags = ['--conditions=@catamaran/source']

    const { stdout } = await promisify(execFile)(process.execPath, [
      ...flags,
      ...[script, root, strongSecret],
    ])

    // Some hundreds of them are Socket.IO's and its client's; where requests are held it is nearly 3,000.
    expect(Number(stdout)).toBeLessThan(1500)
    expect(Number(stdout)).toBeGreaterThan(0)
  })
})
