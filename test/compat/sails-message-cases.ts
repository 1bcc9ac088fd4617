/** What an app of Sails answers to bare messages: recorded from Sails 1.5.18, and where ours is another on purpose. */
import type { MessageCase } from './sails-play.ts'

const found = (body: object) => ({ statusCode: 200, body, headers: {} })

/** What the action `echo` sees, but for what is told here. */
const echo = (seen: object = {}) =>
  found({
    method: 'GET',
    url: '/echo',
    path: '/echo',
    params: {},
    query: {},
    body: {},
    all: {},
    isSocket: true,
    wantsJSON: true,
    cookies: ['theme'],
    originalUrl: '/echo',
    ...seen,
  })

/** The headers that say who is asking: ours are those of the handshake, whatever a message says. */
const heads = (seen: object) => found(seen)

const fault = {
  code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ',
  status: 400,
  message: 'Failed to parse incoming socket.io request.',
}
/** Sails leaves the status out that clients look for. */
const unread = { answer: { ...fault, statusCode: 400 }, sails: fault }

export const messageCases: readonly MessageCase[] = [
  {
    does: 'takes a text for a body apart',
    event: 'post',
    message: { url: '/echo', data: 'ab' },
    answer: echo({ method: 'POST', body: { '0': 'a', '1': 'b' }, all: { '0': 'a', '1': 'b' } }),
  },
  {
    does: 'takes a number for an empty body',
    event: 'post',
    message: { url: '/echo', data: 7 },
    answer: echo({ method: 'POST' }),
  },
  {
    does: 'takes null for an empty body',
    event: 'post',
    message: { url: '/echo', data: null },
    answer: echo({ method: 'POST' }),
  },
  {
    does: 'lets `data` win over `params`',
    event: 'post',
    message: { url: '/echo', params: { a: 1, b: 1 }, data: { b: 2 } },
    answer: echo({ method: 'POST', body: { a: 1, b: 2 }, all: { a: 1, b: 2 } }),
  },
  {
    does: 'takes `params` for the body',
    event: 'post',
    message: { url: '/echo', params: { a: 1 } },
    answer: echo({ method: 'POST', body: { a: 1 }, all: { a: 1 } }),
  },
  {
    does: 'goes by the event, not by `method`',
    event: 'post',
    message: { method: 'get', url: '/echo' },
    answer: echo({ method: 'POST' }),
  },
  {
    does: 'goes by the path of an absolute address',
    message: { url: 'http://elsewhere.example/echo?x=1' },
    answer: echo({
      url: '/echo?x=1',
      query: { x: '1' },
      all: { x: '1' },
      originalUrl: '/echo?x=1',
    }),
    sails: echo({
      url: 'http://elsewhere.example/echo?x=1',
      query: { x: '1' },
      all: { x: '1' },
      originalUrl: 'http://elsewhere.example/echo?x=1',
    }),
  },
  {
    does: 'takes two slashes for a path',
    message: { url: '//elsewhere.example/echo' },
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
  },
  {
    does: 'leaves out the part behind #',
    message: { url: '/echo#part' },
    answer: echo({ url: '/echo#part', originalUrl: '/echo#part' }),
  },
  {
    does: 'passes over headers that are a text',
    message: { url: '/echo', headers: 'x' },
    answer: echo(),
  },
  {
    does: 'passes over headers that are a list',
    message: { url: '/echo', headers: [1] },
    answer: echo(),
  },
  {
    does: 'passes over headers that are a number',
    message: { url: '/echo', headers: 7 },
    answer: echo(),
  },
  {
    does: 'passes over headers that are null',
    message: { url: '/echo', headers: null },
    answer: echo(),
  },
  {
    does: 'has the headers of the handshake',
    message: { url: '/answer/heads' },
    answer: heads({ host: 'HOST', origin: 'URL', cookie: 'theme=dark' }),
    sails: heads({ origin: 'URL', cookie: 'theme=dark' }),
  },
  {
    does: 'takes no cookie from a message',
    message: { url: '/answer/heads', headers: { cookie: 'a=b' } },
    answer: heads({ host: 'HOST', origin: 'URL', cookie: 'theme=dark' }),
    sails: heads({ origin: 'URL', cookie: 'theme=dark' }),
  },
  {
    does: 'takes no Cookie from a message',
    message: { url: '/answer/heads', headers: { Cookie: 'a=b' } },
    answer: heads({ host: 'HOST', origin: 'URL', cookie: 'theme=dark' }),
    sails: heads({ origin: 'URL', cookie: 'a=b' }),
  },
  {
    does: 'takes no origin from a message',
    message: { url: '/answer/heads', headers: { origin: 'http://evil.example' } },
    answer: heads({ host: 'HOST', origin: 'URL', cookie: 'theme=dark' }),
    sails: heads({ origin: 'URL', cookie: 'theme=dark' }),
  },
  {
    does: 'takes no host from a message',
    message: { url: '/answer/heads', headers: { host: 'evil.example' } },
    answer: heads({ host: 'HOST', origin: 'URL', cookie: 'theme=dark' }),
    sails: heads({ host: 'evil.example', origin: 'URL', cookie: 'theme=dark' }),
  },
  { does: 'refuses what has no url', message: {}, ...unread },
  { does: 'refuses an empty url', message: { url: '' }, ...unread },
  { does: 'refuses a url that is a number', message: { url: 7 }, ...unread },
  { does: 'refuses a text', message: 'not a message', ...unread },
  { does: 'refuses a number', message: 7, ...unread },
]
