import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Request } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

async function takenPort(): Promise<number> {
  const server = createServer().listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('the HTTP door', () => {
  it('says which port is in use', async () => {
    const port = await takenPort()

    await expect(liftFiles({}, { port })).rejects.toMatchObject({
      code: 'E_PORT_IN_USE',
      message: `Port ${port} is in use`,
      hint: expect.stringContaining('--port'),
    })
  })

  it.each(['192.0.2.1', 'no.such.host.invalid'])('says which address is none: %s', async (host) => {
    await expect(liftFiles({}, { host })).rejects.toMatchObject({
      code: 'E_HOST',
      message: `This machine has no address ${host} to listen on`,
    })
  })

  it('listens on the one address it is given', async () => {
    const { url } = await liftFiles({}, { host: '127.0.0.1' })

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await ask(url, '/health/live')).status).toBe(200)
  })

  it('writes an IPv6 address as urls have it', async () => {
    const { url } = await liftFiles({}, { host: '::1' })

    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/)
  })

  it('gives slow senders ten seconds for headers and thirty for all', async () => {
    const limits = ['headersTimeout', 'requestTimeout', 'connectionsCheckingInterval']
    const { url } = await liftFiles(
      {},
      {
        routes: {
          'GET /limits': ({ socket }: Request) =>
            limits.map((name) => Reflect.get(Reflect.get(socket, 'server'), name)),
        },
      },
    )

    expect(JSON.parse((await ask(url, '/limits')).body)).toEqual([10_000, 30_000, 5_000])
  })
})
