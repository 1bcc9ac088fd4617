/**
 * An app that answers in every way, and what each answer looks like over a socket.
 */
import type { Files } from '../support/lift-files.ts'

export const answering: Files = {
  'config/routes.mjs': `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    export default {
      'GET /json': (req, res) => res.json({ a: [1] }),
      'GET /json-text': (req, res) => res.json('text'),
      'GET /json-null': (req, res) => res.json(null),
      'GET /send': (req, res) => res.send('text'),
      'GET /send-object': (req, res) => res.send({ a: 1 }),
      'GET /send-nothing': (req, res) => { res.send() },
      'GET /send-buffer': (req, res) => res.send(Buffer.from('hi')),
      'GET /send-status': (req, res) => res.sendStatus(418),
      'GET /status': (req, res) => res.status(202).json({ taken: true }),
      'GET /end': (req, res) => { res.status(204).end() },
      'GET /end-text': (req, res) => { res.end('the end', 'utf8') },
      'GET /write': (req, res) => { res.write('one '); res.write(Buffer.from('two ')); res.end('three') },
      'GET /write-head': (req, res) => { res.writeHead(203, { 'X-Head': 'yes' }).end('headed') },
      'GET /headers': (req, res) => res.set('X-Probe', 'a').append('X-Probe', 'b').type('txt').vary('Accept').send('x'),
      'GET /odd-header': (req, res) => res.json(res.get('constructor') ?? null),
      'GET /removed': (req, res) => { res.set('X-Gone', '1'); res.removeHeader('x-gone'); res.json(res.getHeaderNames()) },
      'GET /redirect': (req, res) => res.redirect('/json'),
      'GET /moved': (req, res) => res.redirect(301, '/json'),
      'GET /old': '/json',
      'GET /ok': (req, res) => res.ok(),
      'GET /bad': (req, res) => res.badRequest(),
      'GET /bad-data': (req, res) => res.badRequest({ field: 'name' }),
      'GET /forbidden': (req, res) => res.forbidden(),
      'GET /returned': () => ({ a: 1 }),
      'GET /returned-text': () => 'text',
      'GET /returned-null': async () => null,
      'GET /returned-false': () => false,
      'GET /returned-buffer': () => Buffer.from('hi'),
      'GET /later': (req, res) => { setTimeout(() => res.json('late'), 5) },
      'GET /twice': (req, res) => { res.json({ first: true }); res.json({ second: true }) },
      'GET /locals': (req, res) => { res.locals.user = 'ada'; res.json(res.locals) },
      'GET /piped': async (req, res) => {
        const { Readable } = await import('node:stream')
        Readable.from(['a', 'b', 'c']).pipe(res)
      },
      'GET /finish': (req, res) => {
        res.once('finish', () => { throw new Error('in finish') })
        res.json({ sent: res.headersSent })
      },
      'GET /ended-callback': (req, res) => { res.end('done', () => { globalThis.endedCallback = true }) },
      'GET /ended-callback-seen': () => ({ seen: globalThis.endedCallback }),
      'GET /throw': () => { throw new Error('secret words') },
      'GET /reject': async () => { await wait(1); throw new Error('secret words') },
      'GET /next': (req, res, next) => next(new Error('secret words')),
      'GET /throw-text': () => { throw 'secret words' },
      'GET /teapot': () => { throw Object.assign(new Error('short and stout'), { status: 418, expose: true }) },
      'GET /render': (req, res) => res.render('page'),
      'GET /file': (req, res) => res.sendFile('/etc/hostname'),
      'GET /download': (req, res) => res.download('/etc/hostname'),
      'GET /cookie': (req, res) => res.cookie('a', 'private').clearCookie('b').json({}),
      'GET /circle': () => { const circle = {}; circle.circle = circle; return circle },
      'GET /bigint': () => ({ big: 1n }),
      'GET /too-large': (req) => { req.session.big = 'x'.repeat(70000); return {} },
      'GET /read': (req) => { req.read(); return {} },
    }`,
}

interface Expected {
  readonly statusCode: number
  readonly body?: unknown
  readonly headers?: object
}

const hi = { type: 'Buffer', data: [104, 105] }
const html = { 'content-type': 'text/html', location: '/json' }

/** What the answers of a socket are, whichever client asks. A missing `body` is none. */
export const answers: Readonly<Record<string, Expected>> = {
  '/json': { statusCode: 200, body: { a: [1] }, headers: {} },
  '/json-text': {
    statusCode: 200,
    body: '"text"',
    headers: { 'content-type': 'application/json' },
  },
  '/json-null': { statusCode: 200, body: null, headers: {} },
  '/send': { statusCode: 200, body: 'text', headers: {} },
  '/send-object': { statusCode: 200, body: { a: 1 }, headers: {} },
  '/send-nothing': { statusCode: 200, headers: {} },
  '/send-buffer': { statusCode: 200, body: hi, headers: {} },
  '/send-status': { statusCode: 418, body: "I'm a Teapot", headers: {} },
  '/status': { statusCode: 202, body: { taken: true }, headers: {} },
  '/end': { statusCode: 204, headers: {} },
  '/end-text': { statusCode: 200, body: 'the end', headers: {} },
  '/write': { statusCode: 200, body: 'one two three', headers: {} },
  '/write-head': { statusCode: 203, body: 'headed', headers: { 'x-head': 'yes' } },
  '/headers': {
    statusCode: 200,
    body: 'x',
    headers: {
      'x-probe': ['a', 'b'],
      'content-type': 'text/plain; charset=utf-8',
      vary: 'Accept',
    },
  },
  '/odd-header': { statusCode: 200, body: null, headers: {} },
  '/removed': { statusCode: 200, body: [], headers: {} },
  '/redirect': { statusCode: 302, body: 'Redirecting to /json', headers: html },
  '/moved': { statusCode: 301, body: 'Redirecting to /json', headers: html },
  '/old': { statusCode: 302, body: 'Redirecting to /json', headers: html },
  '/ok': { statusCode: 200, body: 'OK', headers: {} },
  '/bad': { statusCode: 400, body: 'Bad Request', headers: {} },
  '/bad-data': { statusCode: 400, body: { field: 'name' }, headers: {} },
  '/forbidden': { statusCode: 403, body: 'Forbidden', headers: {} },
  '/returned': { statusCode: 200, body: { a: 1 }, headers: {} },
  '/returned-text': { statusCode: 200, body: 'text', headers: {} },
  '/returned-null': { statusCode: 200, body: null, headers: {} },
  '/returned-false': { statusCode: 200, body: false, headers: {} },
  '/returned-buffer': { statusCode: 200, body: hi, headers: {} },
  '/later': { statusCode: 200, body: '"late"' },
  '/twice': { statusCode: 200, body: { first: true }, headers: {} },
  '/locals': { statusCode: 200, body: { user: 'ada' }, headers: {} },
  '/piped': { statusCode: 200, body: 'abc', headers: {} },
  '/nowhere': { statusCode: 404, body: 'Not Found', headers: {} },
}
