import { join } from 'node:path'
import type { Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { connect } from './client.ts'
import { type Case, cases } from './sails-cases.ts'
import { connectSails, requestSails } from './sails-client.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')

type Ask = (method: string, url: string, send: Case['send']) => Promise<unknown>

async function lift(environment: NodeJS.ProcessEnv = {}) {
  const app = await testApp(root, { sockets: { beforeConnect: false } }, { environment })
  onTestFinished(() => app.close())
  return app
}

async function sailsClient(url: string, transport: string): Promise<Ask> {
  const socket = await connectSails(url, { transports: [transport] })
  return async (method, path, send) => {
    const { statusCode, body, headers } = await requestSails(socket, { method, url: path, ...send })
    return body === undefined ? { statusCode, headers } : { statusCode, body, headers }
  }
}

async function socketIo(url: string, transport: string): Promise<Ask> {
  const socket: Socket = await connect(url, { transports: [transport] })
  return (method, path, send) =>
    socket.timeout(3000).emitWithAck(method, { method, url: path, ...send })
}

const clients = [
  ['sails.io.js', 'websocket', sailsClient],
  ['sails.io.js', 'polling', sailsClient],
  ['socket.io-client 4', 'websocket', socketIo],
  ['socket.io-client 4', 'polling', socketIo],
] as const

describe.each(clients)('a Sails app, asked by %s over %s', (_name, transport, open) => {
  it(`gives the ${cases.length} answers Sails gives`, async () => {
    const { url } = await lift()
    const ask = await open(url, transport)

    for (const { ask: line, send, answer } of cases) {
      const [method = '', path = ''] = line.split(' ')
      expect({ line, answer: await ask(method, path, send) }).toEqual({ line, answer })
    }
  })

  it('tells no stack in production', async () => {
    const { url } = await lift({ NODE_ENV: 'production' })
    const ask = await open(url, transport)
    const plain = (statusCode: number, body: string) => ({ statusCode, body, headers: {} })

    for (const kind of ['throw', 'reject', 'next', 'server-error-error', 'server-error-object']) {
      expect(await ask('get', `/answer/${kind}`, {})).toEqual(plain(500, 'Internal Server Error'))
    }
    expect(await ask('get', '/answer/bad-request-error', {})).toEqual(plain(400, 'Bad Request'))
  })
})
