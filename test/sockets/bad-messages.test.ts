import { describe, expect, it } from 'vitest'
import { liftedForAll } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { expectAlive, files } from './victim.ts'

const victim = liftedForAll(files)

const parseFault = {
  code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ',
  name: 'Error',
  status: 400,
  statusCode: 400,
  message: 'Failed to parse incoming socket.io request.',
  details: expect.any(String),
}

describe('Z07: a message that is no request', () => {
  const messages: Record<string, readonly unknown[]> = {
    none: [],
    null: [null],
    'a number': [7],
    'a text': ['/'],
    'a list': [[{ url: '/' }]],
    true: [true],
    bytes: [Buffer.from('{"url":"/"}')],
    'no url': [{}],
    'an empty url': [{ url: '' }],
    'a url of null': [{ url: null }],
    'a url of a number': [{ url: 7 }],
    'a url of an object': [{ url: { toString: 'x' } }],
    'a url of a list': [{ url: ['/'] }],
    'a url of bytes': [{ url: Buffer.from('/') }],
    'a url of 20,000 characters': [{ url: `/${'a'.repeat(20_000)}` }],
    'a url with a line break': [{ url: '/\r\nSet-Cookie: a=b' }],
    'a url with a zero': [{ url: '/\0' }],
  }

  it.each(Object.entries(messages))('gets an error as its ack: %s', async (_, args) => {
    const app = victim()
    const socket = await connect(app.url)

    const ack = await socket.timeout(3000).emitWithAck('get', ...args)

    expect(ack).toEqual(parseFault)
    await expectAlive(app)
  })

  it.each(Object.entries(messages))('gets sails:parseError without ack: %s', async (_, args) => {
    const app = victim()
    const socket = await connect(app.url)
    const told = heard(socket, 'sails:parseError')

    socket.emit('get', ...args)

    expect(await told).toEqual(parseFault)
    expect(socket.connected).toBe(true)
  })

  it('shows no stack', async () => {
    const app = victim()
    const socket = await connect(app.url)

    const ack = await socket.emitWithAck('get', 7)

    expect(JSON.stringify(ack)).not.toMatch(/ at |\.ts/)
  })
})

describe('Z07: a message of odd parts', () => {
  const headers: Record<string, unknown> = {
    null: null,
    'a text': 'x',
    'a number': 7,
    'a list': ['a', 'b'],
    'a header of an object': { 'x-a': { b: 1 }, 'x-b': [1, 2] },
    'a header that shadows a method': { toString: 'x', hasOwnProperty: 1, constructor: null },
    'bytes in headers': { 'x-bytes': Buffer.from('abc') },
    'an empty name': { '': 'x' },
    'a prototype': JSON.parse('{"__proto__":{"isAdmin":true},"x-a":"1"}'),
  }

  it.each(Object.entries(headers))('is served with headers of %s', async (_, given) => {
    const app = victim()
    const socket = await connect(app.url)

    const ack = await socket.timeout(3000).emitWithAck('get', { url: '/echo/x', headers: given })

    expect(ack.statusCode).toBe(200)
    expect(ack.body.headers.isAdmin).toBeUndefined()
  })

  it.each(['data', 'params'])('leaves every prototype alone: %s', async (field) => {
    const app = victim()
    const socket = await connect(app.url)
    const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'

    for (const url of [
      '/echo/x',
      '/keep',
      '/echo/x?__proto__[polluted]=1&constructor.prototype=1',
    ]) {
      await socket.emitWithAck('post', { url, [field]: JSON.parse(evil) })
    }
    const { body } = await socket.emitWithAck('get', { url: '/echo', data: { a: 1 } })

    expect(body).toEqual({ a: 1 })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each([
    'me',
    '?x',
    '#x',
    '*',
    'javascript:alert(1)',
    'http://[::bad',
    'mailto:a@b',
    'a:b:c',
    '//[',
    'http://',
    '/\\evil',
    '/..%2f..',
    '/echo/%',
    '/%00',
    '/echo//',
    '/?',
    ' /',
  ])('is answered whatever its url is: %j', async (url) => {
    const app = victim()
    const socket = await connect(app.url)

    const { statusCode } = await socket.timeout(3000).emitWithAck('get', { url })

    expect([200, 400, 404]).toContain(statusCode)
    await expectAlive(app)
  })
})

describe('Z11: an event of another name', () => {
  it.each([
    '__proto__',
    'constructor',
    'toString',
    'GET',
    'message',
    'session:ended',
    '',
    'get ',
    'x'.repeat(10_000),
  ])('gets 404 as its ack: %j', async (name) => {
    const app = victim()
    const socket = await connect(app.url)

    const ack = await socket.timeout(3000).emitWithAck(name, { url: '/' })

    expect(ack).toEqual({ statusCode: 404, headers: {}, body: 'Not Found' })
  })
})
