import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { holdAnswer } from '../../src/session/hold.ts'
import { createGate, messageOf, startHeld, startServer } from './wire.ts'
import { compress } from './zip.ts'

const megabytes = randomBytes(5_000_000)
const source = () => Readable.from(parts(megabytes))
const last = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

function* parts(bytes: Buffer, size = 20_000): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function download(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer())
}

describe('a stream on hold', () => {
  it.each<[string, (res: ServerResponse) => unknown]>([
    ['pipe', (res) => source().pipe(res)],
    ['pipeline', (res) => pipeline(source(), res)],
    ['a pipeline of generators', (res) => pipeline(() => parts(megabytes), res)],
    ['a web stream', (res) => Readable.toWeb(source()).pipeTo(Writable.toWeb(res))],
    [
      'a loop that waits for drain',
      async (res) => {
        for (const part of parts(megabytes)) if (!res.write(part)) await once(res, 'drain')
        res.end()
      },
    ],
    [
      'a loop that waits for nothing',
      (res) => {
        for (const part of parts(megabytes)) res.write(part)
        res.end()
      },
    ],
  ])('brings 5 MB by %s', async (_, act) => {
    const held = await startHeld((_req, res) => act(res))

    const body = await download(held.url)

    expect(body.equals(megabytes)).toBe(true)
  })

  it('is let out by the commit, while it goes on', async () => {
    const gate = createGate()
    const more = Promise.withResolvers<void>()
    const held = await startHeld(async (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.write('data: one\n\n')
      await more.promise
      res.write('data: two\n\n')
    }, gate)
    const wire = held.open()
    wire.send(last)

    await gate.reached
    await held.settle()
    const before = wire.text()
    gate.open('sid=1')
    const first = await wire.until('data: one')
    more.resolve()
    const second = await wire.until('data: two')

    expect(before).toBe('')
    expect(first).toContain('Set-Cookie: sid=1')
    expect(first).not.toContain('two')
    expect(messageOf(second).headers.get('content-type')).toBe('text/event-stream')
  })

  it.each([
    ['bytes', Buffer.alloc(1000)],
    ['text', 'x'.repeat(1000)],
  ])('makes its writer wait above 60 KB, and go on after the commit: %s', async (_, part) => {
    const gate = createGate()
    const seen: unknown[] = []
    const held = await startHeld(async (_req, res) => {
      let written = 0
      while (res.write(part)) written += part.length
      seen.push(written, res.writableNeedDrain)
      await once(res, 'drain')
      seen.push('drain', res.writableNeedDrain)
      res.end()
    }, gate)
    const wire = held.open()
    wire.send(last)

    await gate.reached
    await held.settle()
    const before = [...seen]
    gate.open()
    await wire.all()

    // Each write counts 16 bytes more.
    expect(before).toEqual([60_000, true])
    expect(seen).toEqual([60_000, true, 'drain', false])
  })

  it('counts small writes too', async () => {
    const gate = createGate()
    const counted = Promise.withResolvers<number>()
    const held = await startHeld((_req, res) => {
      let writes = 1
      while (res.write('')) writes += 1
      res.end()
      counted.resolve(writes)
    }, gate)
    const answer = held.ask()

    const writes = await counted.promise
    gate.open()
    await answer

    expect(writes).toBe(60 * 64 + 1)
  })

  it('emits one drain, when the client reads slowly too', async () => {
    let drains = 0
    const gate = createGate()
    const held = await startHeld((_req, res) => {
      res.on('drain', () => {
        drains += 1
        res.end()
      })
      // More than the kernel takes from a client that does not read.
      for (let count = 0; count < 400; count += 1) res.write(Buffer.alloc(100_000, 'x'))
    }, gate)
    const wire = held.open()
    wire.pause()
    wire.send(last)

    await gate.reached
    gate.open()
    await held.settle()
    const before = drains
    wire.resume()
    await wire.all()

    expect([before, drains]).toEqual([0, 1])
  })

  it('carries trailers', async () => {
    const held = await startHeld((_req, res) => {
      res.writeHead(200, { Trailer: 'X-Sum' })
      res.write('a')
      res.addTrailers({ 'X-Sum': '1' })
      res.end()
    })
    const wire = held.open()
    wire.send(last)

    expect(await wire.all()).toMatch(/0\r\nX-Sum: 1\r\n\r\n$/)
  })
})

describe('a file on hold', () => {
  async function serveFile() {
    const folder = await mkdtemp(join(tmpdir(), 'catamaran-hold-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'file.txt'), '0123456789')
    const app = express()
    app.use((_req, res) => {
      holdAnswer(res, { commit: async () => 'sid=1', failed() {} })
      res.sendFile('file.txt', { root: folder })
    })
    return startServer(app)
  }

  it.each([
    ['whole', 'GET', '', 200, '0123456789'],
    ['in part', 'GET', 'Range: bytes=2-4\r\n', 206, '234'],
    ['out of range', 'GET', 'Range: bytes=20-\r\n', 416, expect.any(String)],
    ['by HEAD', 'HEAD', '', 200, ''],
  ])('is sent %s', async (_, method, headers, status, body) => {
    const held = await serveFile()

    const answer = await held.ask('/', { method, headers })

    expect([answer.status, answer.body]).toEqual([status, body])
    expect(answer.headers.getSetCookie()).toEqual(['sid=1'])
  })

  it('is not sent to whoever has it', async () => {
    const held = await serveFile()
    const { headers } = await held.ask()

    const answer = await held.ask('/', { headers: `If-None-Match: ${headers.get('etag')}\r\n` })

    expect([answer.status, answer.body]).toEqual([304, ''])
  })
})

describe('compression', () => {
  it.each(['before', 'after'])('works where it stands %s the session', async (place) => {
    const held = await startHeld(
      (_req, res) => {
        if (place === 'after') compress(res)
        source().pipe(res)
      },
      {
        commit: async () => 'sid=1',
        around: (res) => {
          if (place === 'before') compress(res)
        },
      },
    )

    const answer = await fetch(held.url)

    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(answer.headers.getSetCookie()).toEqual(['sid=1'])
    expect(Buffer.from(await answer.arrayBuffer()).equals(megabytes)).toBe(true)
  })

  it.each(['before', 'after'])('flushes events where it stands %s the session', async (place) => {
    const held = await startHeld(
      (_req, res) => {
        if (place === 'after') compress(res)
        res.write('data: one\n\n')
        Reflect.get(res, 'flush').call(res)
      },
      {
        around: (res) => {
          if (place === 'before') compress(res)
        },
      },
    )
    const abort = new AbortController()
    onTestFinished(() => abort.abort())

    const { body } = await fetch(held.url, { signal: abort.signal })
    const { value } = (await body?.getReader().read()) ?? {}

    expect(Buffer.from(value ?? []).toString()).toBe('data: one\n\n')
  })
})
