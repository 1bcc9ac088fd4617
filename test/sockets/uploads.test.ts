import { createRequire } from 'node:module'
import { PassThrough, Readable } from 'node:stream'
import type { NextFunction, Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'

/** Reads the files of a form, as middleware for uploads does: it pipes the request into a parser. */
async function upload(req: Request, _res: Response, next: NextFunction) {
  const parts: Buffer[] = []
  for await (const part of req.pipe(new PassThrough())) parts.push(part)
  const text = Buffer.concat(parts).toString()
  req.body = { file: /filename="([^"]+)"/.exec(text)?.[1], holds: text.includes('hello') }
  next()
}

/** The middleware most apps take for uploads, and the parser below it and below others. */
const multer = createRequire(import.meta.url)('multer')
const busboy = createRequire(import.meta.url)('busboy')

/** Reads the files of a form by busboy, as middleware for a whole app does. */
function parse(req: Request, _res: Response, next: NextFunction) {
  if (!req.is('multipart/form-data')) return next()
  const form = busboy({ headers: req.headers })
  const found: Record<string, unknown> = {}
  form.on('field', (name: string, value: string) => Object.assign(found, { [name]: value }))
  form.on('file', (_name: string, file: Readable, { filename }: { filename: string }) => {
    Object.assign(found, { file: filename, text: '' })
    file.on('data', (part) => Object.assign(found, { text: `${found['text']}${part}` }))
  })
  form.on('error', next)
  form.on('close', () => {
    req.body = found
    next()
  })
  return req.pipe(form)
}

/** Reads the bytes of a form as they come, as middleware with a parser of its own does. */
function listen(req: Request, _res: Response, next: NextFunction) {
  const parts: Buffer[] = []
  req.on('error', next)
  req.on('data', (part: Buffer) => parts.push(part))
  req.on('end', () => {
    const text = Buffer.concat(parts).toString()
    const [, title] = /name="title"\r\n\r\n([^\r]*)/.exec(text) ?? []
    const [, file] = /filename="([^"]+)"/.exec(text) ?? []
    req.body = { file, text: text.match(/hello/)?.[0], title }
    next()
  })
}

/** An action that keeps the name of what it was sent. */
function keep(req: Request) {
  Reflect.set(req.session, 'photo', req.body.file)
  return req.body
}

const withParse = ['cookies', 'session', 'parse', 'body', 'router']

const routes = {
  'POST /album': [
    multer({ storage: multer.memoryStorage() }).single('photo'),
    (req: Request) => {
      const { originalname, buffer } = Object(req).file
      Reflect.set(req.session, 'photo', originalname)
      return { file: originalname, text: buffer.toString(), title: req.body.title }
    },
  ],
  'POST /small': [
    multer({ limits: { fileSize: 4, fields: 1 } }).single('photo'),
    (req: Request) => ({ size: Object(req).file.size }),
  ],
  'POST /photo': [upload, keep],
  'POST /parsed': [parse, keep],
  'POST /listened': [listen, keep],
  'POST /plain': keep,
  'POST /avatar': (req: Request) => Object(req).file('avatar'),
  'GET /stream': () => Readable.from(['hello']),
  'GET /photo': (req: Request) => ({ photo: Reflect.get(req.session, 'photo') }),
}

describe('an upload', () => {
  it('is read over HTTP by middleware in the chain of its route, and its session is saved', async () => {
    const { url } = await liftFiles({}, { routes })
    const form = new FormData()
    form.set('photo', new Blob(['hello']), 'ada.txt')

    const answer = await fetch(`${url}/photo`, { method: 'POST', body: form })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''

    expect(await answer.json()).toEqual({ file: 'ada.txt', holds: true })
    const after = await fetch(`${url}/photo`, { headers: { cookie } })
    expect(await after.json()).toEqual({ photo: 'ada.txt' })
  })

  it.each([
    ['multer', '/album', {}],
    ['busboy', '/parsed', {}],
    ['busboy, before every route', '/plain', { middleware: { parse, order: withParse } }],
    ['middleware that listens to its bytes', '/listened', {}],
  ])('is read over HTTP by %s, and its session is saved', async (_, path, http) => {
    const { url } = await liftFiles({}, { routes, http })
    const form = new FormData()
    form.set('title', 'At sea')
    form.set('photo', new Blob(['hello']), 'ada.txt')

    const answer = await fetch(`${url}${path}`, { method: 'POST', body: form })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''

    expect(await answer.json()).toEqual({ file: 'ada.txt', text: 'hello', title: 'At sea' })
    const after = await fetch(`${url}/photo`, { headers: { cookie } })
    expect(await after.json()).toEqual({ photo: 'ada.txt' })
  })

  it('by req.file of the Sails profile is told what reads it here, unless something else does', async () => {
    const { url } = await liftFiles({}, { routes, globals: { sails: true } })
    const form = new FormData()
    form.set('photo', new Blob(['hello']), 'ada.txt')

    const unread = await fetch(`${url}/avatar`, { method: 'POST', body: form })
    const read = await fetch(`${url}/album`, { method: 'POST', body: form })

    expect(unread.status).toBe(500)
    expect(await unread.json()).toMatchObject({
      code: 'E_NO_SKIPPER',
      message: 'There is no skipper behind req.file',
      hint: expect.stringContaining('multer'),
    })
    expect(await read.json()).toMatchObject({ text: 'hello' })
  })

  it.each([
    ['a file that is too large', { photo: new Blob(['hello']) }, 413, 'File too large'],
    ['too many fields', { a: '1', b: '2' }, 413, 'Too many fields'],
    ['a file nobody asked for', { other: new Blob(['x']) }, 400, 'Unexpected file field'],
  ])(
    'beyond the limits of multer is the client’s fault: %s',
    async (_, fields, status, message) => {
      const { url } = await liftFiles({}, { routes })
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.set(name, value)

      const answer = await fetch(`${url}/small`, { method: 'POST', body: form })

      expect(answer.status).toBe(status)
      expect(await answer.json()).toEqual({ code: 'E_BAD_REQUEST', message })
    },
  )

  describe.each(['development', 'production'])('over a socket in %s', (environment) => {
    const isTold = {
      statusCode: 415,
      body: {
        code: 'E_UPLOAD_OVER_SOCKET',
        message: 'An upload needs HTTP: a socket carries values, not files',
      },
    }
    const connect = async (options: object = {}) => {
      const app = await liftFiles({}, { routes, environment, ...options })
      return (await app.browser().socket()).timeout(5000)
    }

    it('is told that it needs HTTP', async () => {
      const socket = await connect()

      const ack = await socket.emitWithAck('post', { url: '/photo', data: { photo: 'x' } })

      expect(ack).toMatchObject(isTold)
    })

    it('is told so as a form, too: multer would step aside', async () => {
      const socket = await connect()
      const headers = { 'content-type': 'multipart/form-data; boundary=x' }

      const ack = await socket.emitWithAck('post', { url: '/album', data: {}, headers })

      expect(ack).toMatchObject(isTold)
    })

    it('is told so by req.file of the Sails profile, too', async () => {
      const socket = await connect({ globals: { sails: true } })

      const ack = await socket.emitWithAck('post', { url: '/avatar', data: {} })

      expect(ack).toMatchObject(isTold)
    })
  })

  it('that an action sends back over a socket is a fault of the app', async () => {
    const app = await liftFiles({}, { routes, environment: 'production' })

    const ack = await app.browser().emit('GET /stream')

    expect(ack).toMatchObject({ statusCode: 500, body: 'Internal Server Error' })
  })
})
