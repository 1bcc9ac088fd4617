/**
 * What clients of Sails see of the app in test/fixtures/sails-app over a socket, in order: one visitor plays
 * them all on one socket. Recorded from Sails 1.5.18; `sails` is its answer where ours is another on purpose.
 */
import { expect } from 'vitest'

export interface Case {
  /** Event and address. */
  readonly ask: string
  readonly send?: { readonly data?: unknown; readonly headers?: unknown }
  readonly answer: CaseAnswer
  readonly sails?: CaseAnswer
}

interface CaseAnswer {
  readonly statusCode: number
  readonly body?: unknown
  readonly headers: object
}

/** An error as it is shown in development. */
function stack(words: string): unknown {
  return expect.stringMatching(
    new RegExp(`^Error: ${words.replaceAll(/[().`]/g, '.')}[^]*\\n +at `),
  )
}

/** How an action of declared exits tells which it took. */
function exit(name: string, description?: string): object {
  const said = { 'X-Exit': name, ...(description && { 'X-Exit-Description': description }) }
  const lower = Object.entries(said).map(([key, value]) => [key.toLowerCase(), value])
  return { ...said, ...Object.fromEntries(lower) }
}

export const cases: readonly Case[] = [
  {
    ask: 'get /answer/json-object',
    answer: { statusCode: 200, body: { a: [1, { b: null }] }, headers: {} },
  },
  { ask: 'get /answer/json-list', answer: { statusCode: 200, body: [1, 'two'], headers: {} } },
  { ask: 'get /answer/json-number', answer: { statusCode: 200, body: 7, headers: {} } },
  { ask: 'get /answer/json-null', answer: { statusCode: 200, body: null, headers: {} } },
  { ask: 'get /answer/json-false', answer: { statusCode: 200, body: false, headers: {} } },
  {
    ask: 'get /answer/json-text',
    answer: { statusCode: 200, body: '"str"', headers: { 'content-type': 'application/json' } },
  },
  { ask: 'get /answer/send-text', answer: { statusCode: 200, body: 'str', headers: {} } },
  { ask: 'get /answer/send-object', answer: { statusCode: 200, body: { a: 1 }, headers: {} } },
  { ask: 'get /answer/send-nothing', answer: { statusCode: 200, headers: {} } },
  {
    ask: 'get /answer/send-buffer',
    answer: { statusCode: 200, body: Buffer.from('hi'), headers: {} },
  },
  {
    ask: 'get /answer/send-status',
    answer: { statusCode: 418, body: "I'm a Teapot", headers: {} },
  },
  {
    ask: 'get /answer/status-json',
    answer: { statusCode: 202, body: { taken: true }, headers: {} },
  },
  {
    ask: 'get /answer/status-code',
    answer: { statusCode: 409, body: { busy: true }, headers: {} },
  },
  { ask: 'get /answer/ok', answer: { statusCode: 200, body: 'OK', headers: {} } },
  { ask: 'get /answer/ok-object', answer: { statusCode: 200, body: { fine: true }, headers: {} } },
  {
    ask: 'get /answer/ok-text',
    answer: { statusCode: 200, body: '"fine"', headers: { 'content-type': 'application/json' } },
  },
  { ask: 'get /answer/bad-request', answer: { statusCode: 400, body: 'Bad Request', headers: {} } },
  {
    ask: 'get /answer/bad-request-object',
    answer: { statusCode: 400, body: { field: 'name' }, headers: {} },
  },
  {
    ask: 'get /answer/bad-request-text',
    answer: { statusCode: 400, body: '"no name"', headers: { 'content-type': 'application/json' } },
  },
  {
    ask: 'get /answer/bad-request-error',
    answer: { statusCode: 400, body: stack('no name'), headers: {} },
  },
  { ask: 'get /answer/forbidden', answer: { statusCode: 403, body: 'Forbidden', headers: {} } },
  { ask: 'get /answer/not-found', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  {
    ask: 'get /answer/server-error',
    answer: { statusCode: 500, body: 'Internal Server Error', headers: {} },
  },
  {
    ask: 'get /answer/server-error-object',
    answer: { statusCode: 500, body: { broken: 'mast' }, headers: {} },
  },
  {
    ask: 'get /answer/server-error-text',
    answer: {
      statusCode: 500,
      body: '"broken mast"',
      headers: { 'content-type': 'application/json' },
    },
  },
  {
    ask: 'get /answer/server-error-error',
    answer: { statusCode: 500, body: stack('broken mast'), headers: {} },
  },
  {
    ask: 'get /answer/redirect',
    answer: {
      statusCode: 302,
      body: 'Redirecting to /user',
      headers: { 'content-type': 'text/html', Location: '/user', location: '/user' },
    },
  },
  {
    ask: 'get /answer/redirect-status',
    answer: {
      statusCode: 301,
      body: 'Redirecting to /user',
      headers: { 'content-type': 'text/html', Location: '/user', location: '/user' },
    },
    sails: {
      statusCode: 500,
      body: stack('The 2-ary usage of `res.redirect()` is no longer supported i'),
      headers: {},
    },
  },
  {
    ask: 'get /answer/redirect-set',
    answer: {
      statusCode: 307,
      body: 'Redirecting to /user',
      headers: { 'content-type': 'text/html', Location: '/user', location: '/user' },
    },
  },
  {
    ask: 'get /answer/redirect-away',
    answer: {
      statusCode: 302,
      body: 'Redirecting to https://example.com/a?b=c',
      headers: {
        'content-type': 'text/html',
        Location: 'https://example.com/a?b=c',
        location: 'https://example.com/a?b=c',
      },
    },
  },
  {
    ask: 'get /answer/redirect-missing',
    answer: {
      statusCode: 404,
      body: 'Redirecting to /user',
      headers: { 'content-type': 'text/html', Location: '/user', location: '/user' },
    },
  },
  { ask: 'get /answer/write-status', answer: { statusCode: 200, headers: {} } },
  {
    ask: 'get /answer/write-end',
    answer: { statusCode: 200, headers: {} },
    sails: {
      statusCode: 500,
      body: stack('`statusCode` must be passed to res.writeHead().'),
      headers: {},
    },
  },
  { ask: 'get /answer/end', answer: { statusCode: 204, headers: {} } },
  { ask: 'get /answer/twice', answer: { statusCode: 200, body: { first: true }, headers: {} } },
  {
    ask: 'get /answer/twice-status',
    answer: { statusCode: 500, body: { first: true }, headers: {} },
  },
  {
    ask: 'get /answer/headers',
    answer: { statusCode: 200, body: {}, headers: { 'X-Probe': 'yes', 'x-probe': 'yes' } },
  },
  {
    ask: 'get /answer/headers-many',
    answer: {
      statusCode: 200,
      body: {},
      headers: { 'X-One': '1', 'X-Two': '2', 'x-one': '1', 'x-two': '2' },
    },
    sails: { statusCode: 200, body: {}, headers: {} },
  },
  {
    ask: 'get /answer/set-header',
    answer: { statusCode: 200, body: { had: 'yes' }, headers: { 'x-probe': 'yes' } },
  },
  { ask: 'get /answer/remove-header', answer: { statusCode: 200, body: {}, headers: {} } },
  { ask: 'get /answer/set-cookie', answer: { statusCode: 200, body: {}, headers: {} } },
  { ask: 'get /answer/write-head', answer: { statusCode: 203, headers: {} } },
  { ask: 'get /answer/locals', answer: { statusCode: 200, body: { user: 'ada' }, headers: {} } },
  { ask: 'get /answer/later', answer: { statusCode: 200, body: { late: true }, headers: {} } },
  {
    ask: 'get /answer/throw',
    answer: { statusCode: 500, body: stack('secret words'), headers: {} },
  },
  {
    ask: 'get /answer/reject',
    answer: { statusCode: 500, body: stack('secret words'), headers: {} },
  },
  {
    ask: 'get /answer/next',
    answer: { statusCode: 500, body: stack('secret words'), headers: {} },
    sails: {
      statusCode: 500,
      body: stack('`next` (as in req,res,next) should never be called in an act'),
      headers: {},
    },
  },
  {
    ask: 'get /answer/next-nothing',
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
    sails: {
      statusCode: 500,
      body: stack('`next` (as in req,res,next) should never be called in an act'),
      headers: {},
    },
  },
  {
    ask: 'get /answer/header-number',
    answer: { statusCode: 200, body: {}, headers: { 'X-Probe': 7, 'x-probe': 7 } },
  },
  {
    ask: 'get /answer/header-type',
    answer: {
      statusCode: 200,
      body: 'a,b',
      headers: { 'Content-Type': 'text/csv', 'content-type': 'text/csv' },
    },
  },
  {
    ask: 'get /answer/forbidden-object',
    answer: { statusCode: 403, body: 'Forbidden', headers: {} },
  },
  {
    ask: 'get /answer/forbidden-error',
    answer: { statusCode: 403, body: 'Forbidden', headers: {} },
  },
  {
    ask: 'get /answer/not-found-object',
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
  },
  {
    ask: 'get /answer/bad-request-json',
    answer: { statusCode: 400, body: { told: true }, headers: {} },
  },
  {
    ask: 'get /answer/server-error-json',
    answer: { statusCode: 500, body: { told: true }, headers: {} },
  },
  { ask: 'get /answer/throw-json', answer: { statusCode: 500, body: { told: true }, headers: {} } },
  {
    ask: 'get /answer/throw-text',
    answer: {
      statusCode: 500,
      body: '"secret words"',
      headers: { 'content-type': 'application/json' },
    },
  },
  {
    ask: 'get /answer/throw-object',
    answer: { statusCode: 500, body: { broken: 'mast' }, headers: {} },
  },
  {
    ask: 'get /answer/reject-object',
    answer: { statusCode: 500, body: { broken: 'mast' }, headers: {} },
  },
  {
    ask: 'get /answer/negotiate-403',
    answer: { statusCode: 403, body: 'Forbidden', headers: {} },
  },
  {
    ask: 'get /answer/negotiate-418',
    answer: { statusCode: 400, body: stack('no'), headers: {} },
  },
  {
    ask: 'get /answer/view',
    answer: {
      statusCode: 500,
      body: stack('Not implemented in core yet'),
      headers: { 'content-type': 'text/html' },
    },
  },
  { ask: 'get /answer/timer', answer: { statusCode: 200, body: { late: true }, headers: {} } },
  {
    ask: 'get /answer/save-returned',
    answer: { statusCode: 200, body: { saved: true }, headers: {} },
  },
  {
    ask: 'get /answer/protocol',
    answer: {
      statusCode: 200,
      body: { protocol: 'ws', transport: 'socket.io', options: 'probe/answer' },
      headers: {},
    },
  },
  {
    ask: 'get /exits/done',
    answer: { statusCode: 200, body: { done: true }, headers: exit('success', 'Done.') },
  },
  { ask: 'get /exits/status', answer: { statusCode: 429, headers: exit('busy') } },
  {
    ask: 'get /exits/broken',
    answer: {
      statusCode: 500,
      body: stack('secret words'),
      headers: exit('error', 'An unexpected error occurred.'),
    },
  },
  {
    ask: 'get /answer/status-text',
    answer: { statusCode: 202, body: { taken: true }, headers: {} },
  },
  {
    ask: 'get /answer/send-status-text',
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
  },
  {
    ask: 'get /answer/throw-status-object',
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
    sails: { statusCode: 500, body: { status: 404, lost: true }, headers: {} },
  },
  {
    ask: 'get /answer/reject-status',
    answer: { statusCode: 409, body: stack('not now'), headers: {} },
    sails: { statusCode: 500, body: stack('not now'), headers: {} },
  },
  {
    ask: 'get /echo?q=1&q=2&x=y',
    send: { data: { a: 1 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo?q=1&q=2&x=y',
        path: '/echo',
        params: {},
        query: { q: ['1', '2'], x: 'y' },
        body: { a: 1 },
        all: { q: ['1', '2'], x: 'y', a: 1 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?q=1&q=2&x=y',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo?q=1&q=2&x=y',
    send: { data: { a: 1 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo?q=1&q=2&x=y',
        path: '/echo',
        params: {},
        query: { q: ['1', '2'], x: 'y' },
        body: { a: 1 },
        all: { q: ['1', '2'], x: 'y', a: 1 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?q=1&q=2&x=y',
      },
      headers: {},
    },
  },
  {
    ask: 'put /echo?q=1&q=2&x=y',
    send: { data: { a: 1 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'PUT',
        url: '/echo?q=1&q=2&x=y',
        path: '/echo',
        params: {},
        query: { q: ['1', '2'], x: 'y' },
        body: { a: 1 },
        all: { q: ['1', '2'], x: 'y', a: 1 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?q=1&q=2&x=y',
      },
      headers: {},
    },
  },
  {
    ask: 'patch /echo?q=1&q=2&x=y',
    send: { data: { a: 1 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'PATCH',
        url: '/echo?q=1&q=2&x=y',
        path: '/echo',
        params: {},
        query: { q: ['1', '2'], x: 'y' },
        body: { a: 1 },
        all: { q: ['1', '2'], x: 'y', a: 1 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?q=1&q=2&x=y',
      },
      headers: {},
    },
  },
  {
    ask: 'delete /echo?q=1&q=2&x=y',
    send: { data: { a: 1 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'DELETE',
        url: '/echo?q=1&q=2&x=y',
        path: '/echo',
        params: {},
        query: { q: ['1', '2'], x: 'y' },
        body: { a: 1 },
        all: { q: ['1', '2'], x: 'y', a: 1 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?q=1&q=2&x=y',
      },
      headers: {},
    },
  },
  {
    ask: 'options /echo',
    answer: {
      statusCode: 200,
      headers: {
        allow: 'DELETE, GET, HEAD, PATCH, POST, PUT',
        'content-length': 35,
        'content-type': 'text/plain',
        'x-content-type-options': 'nosniff',
      },
    },
  },
  {
    ask: 'options /echo/3',
    answer: {
      statusCode: 200,
      body: {
        method: 'OPTIONS',
        url: '/echo/3',
        path: '/echo/3',
        params: { id: '3' },
        query: {},
        body: {},
        all: { id: '3' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo/3',
      },
      headers: {},
    },
  },
  {
    ask: 'head /echo/4?x=1',
    answer: {
      statusCode: 200,
      body: {
        method: 'HEAD',
        url: '/echo/4?x=1',
        path: '/echo/4',
        params: { id: '4' },
        query: { x: '1' },
        body: {},
        all: { x: '1', id: '4' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo/4?x=1',
      },
      headers: {},
    },
  },
  {
    ask: 'head /user',
    answer: {
      statusCode: 200,
      body: [
        { id: 1, name: 'ada' },
        { id: 2, name: 'eve' },
      ],
      headers: {},
    },
  },
  {
    ask: 'options /nowhere',
    answer: {
      statusCode: 200,
      headers: {
        allow: 'DELETE, GET, HEAD, PATCH, POST, PUT',
        'content-length': 35,
        'content-type': 'text/plain',
        'x-content-type-options': 'nosniff',
      },
    },
  },
  {
    ask: 'options /user',
    answer: {
      statusCode: 200,
      headers: {
        allow: 'DELETE, GET, HEAD, PATCH, POST, PUT',
        'content-length': 35,
        'content-type': 'text/plain',
        'x-content-type-options': 'nosniff',
      },
    },
  },
  {
    ask: 'post /echo',
    send: { data: [1, 2] },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: [1, 2],
        all: { '0': 1, '1': 2 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo',
    send: { data: { a: { b: [1] } }, headers: { 'X-Probe': 'yes' } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: { a: { b: [1] } },
        all: { a: { b: [1] } },
        isSocket: true,
        wantsJSON: true,
        probe: 'yes',
        header: 'yes',
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo',
    send: { headers: { 'X-Probe': 7 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: {},
        all: {},
        isSocket: true,
        wantsJSON: true,
        probe: '7',
        header: '7',
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo',
    send: { headers: { 'X-Probe': null } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: {},
        all: {},
        isSocket: true,
        wantsJSON: true,
        probe: 'null',
        header: 'null',
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo',
    send: { headers: { 'X-Probe': {} } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: {},
        all: {},
        isSocket: true,
        wantsJSON: true,
        probe: '[object Object]',
        header: '[object Object]',
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo',
    send: { headers: { 'X-Probe': [1, 2] } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo',
        path: '/echo',
        params: {},
        query: {},
        body: {},
        all: {},
        isSocket: true,
        wantsJSON: true,
        probe: '1,2',
        header: '1,2',
        cookies: [],
        originalUrl: '/echo',
      },
      headers: {},
    },
  },
  {
    ask: 'post /echo/7?id=query&q=1',
    send: { data: { id: 'body', b: 2 } },
    answer: {
      statusCode: 200,
      body: {
        method: 'POST',
        url: '/echo/7?id=query&q=1',
        path: '/echo/7',
        params: { id: '7' },
        query: { id: 'query', q: '1' },
        body: { id: 'body', b: 2 },
        all: { id: '7', q: '1', b: 2 },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo/7?id=query&q=1',
      },
      headers: {},
    },
  },
  {
    ask: 'get /param/7?id=q',
    send: { data: { id: 'b' } },
    answer: { statusCode: 200, body: { value: '7', fallback: 'fallback' }, headers: {} },
  },
  {
    ask: 'get /echo/?x=1',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo/?x=1',
        path: '/echo/',
        params: {},
        query: { x: '1' },
        body: {},
        all: { x: '1' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo/?x=1',
      },
      headers: {},
    },
  },
  {
    ask: 'get /echo/a%20b',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo/a%20b',
        path: '/echo/a%20b',
        params: { id: 'a b' },
        query: {},
        body: {},
        all: { id: 'a b' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo/a%20b',
      },
      headers: {},
    },
  },
  {
    ask: 'get /echo/%E0%A4%A',
    answer: { statusCode: 400, body: 'Bad request: Could not decode requested URL.', headers: {} },
  },
  { ask: 'get /params/ada.png', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  { ask: 'get echo', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  {
    ask: 'get /ECHO',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/ECHO',
        path: '/ECHO',
        params: {},
        query: {},
        body: {},
        all: {},
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/ECHO',
      },
      headers: {},
    },
  },
  {
    ask: 'get /echo?o[x]=1',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo?o[x]=1',
        path: '/echo',
        params: {},
        query: { o: { x: '1' } },
        body: {},
        all: { o: { x: '1' } },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?o[x]=1',
      },
      headers: {},
    },
    sails: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo?o[x]=1',
        path: '/echo',
        params: {},
        query: { 'o[x]': '1' },
        body: {},
        all: { 'o[x]': '1' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?o[x]=1',
      },
      headers: {},
    },
  },
  {
    ask: 'get /echo?x',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo?x',
        path: '/echo',
        params: {},
        query: { x: '' },
        body: {},
        all: { x: '' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?x',
      },
      headers: {},
    },
  },
  {
    ask: 'get /echo?x=%20+',
    answer: {
      statusCode: 200,
      body: {
        method: 'GET',
        url: '/echo?x=%20+',
        path: '/echo',
        params: {},
        query: { x: '  ' },
        body: {},
        all: { x: '  ' },
        isSocket: true,
        wantsJSON: true,
        cookies: [],
        originalUrl: '/echo?x=%20+',
      },
      headers: {},
    },
  },
  { ask: 'get /nowhere', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  { ask: 'post /user', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  {
    ask: 'get /__getcookie',
    answer: {
      statusCode: 200,
      body: '_sailsIoJSConnect();',
      headers: {
        'Content-Type': 'application/javascript',
        'content-type': 'application/javascript',
      },
    },
  },
  {
    ask: 'get /',
    answer: {
      statusCode: 302,
      body: 'Redirecting to /hello.txt',
      headers: { 'content-type': 'text/html', Location: '/hello.txt', location: '/hello.txt' },
    },
  },
  { ask: 'get /me', answer: { statusCode: 403, body: 'Forbidden', headers: {} } },
  { ask: 'get /account', answer: { statusCode: 403, body: 'Forbidden', headers: {} } },
  {
    ask: 'put /login',
    send: { data: { name: 'nobody' } },
    answer: {
      statusCode: 400,
      body: { problem: 'Nobody has that name.', given: { name: 'nobody' } },
      headers: {},
    },
  },
  { ask: 'get /user/1', answer: { statusCode: 200, body: { id: 1, name: 'ada' }, headers: {} } },
  { ask: 'get /user/9', answer: { statusCode: 404, body: 'Not Found', headers: {} } },
  {
    ask: 'get /params/7?q=1',
    answer: {
      statusCode: 200,
      body: { id: '7', all: { q: '1', id: '7' }, wantsJSON: true },
      headers: {},
    },
  },
  {
    ask: 'put /login',
    send: { data: { name: 'ada' } },
    answer: { statusCode: 200, body: { userId: 1, socket: true }, headers: {} },
  },
  {
    ask: 'get /me',
    answer: { statusCode: 200, body: { userId: 1, baseUrl: 'http://localhost:1337' }, headers: {} },
  },
  { ask: 'get /counter', answer: { statusCode: 200, body: { count: 1 }, headers: {} } },
  { ask: 'get /counter', answer: { statusCode: 200, body: { count: 2 }, headers: {} } },
  {
    ask: 'get /peek',
    answer: {
      statusCode: 200,
      body: expect.objectContaining({ session: true, count: 2 }),
      headers: {},
    },
  },
  {
    ask: 'get /peek',
    send: { headers: { nosession: true } },
    answer: { statusCode: 200, body: { session: false, count: 0 }, headers: {} },
  },
  {
    ask: 'get /asset/peek.json',
    answer: { statusCode: 200, body: { session: false, count: 0 }, headers: {} },
  },
  {
    ask: 'patch /account/name',
    send: { data: { name: 'Ada' } },
    answer: { statusCode: 200, body: { name: 'Ada' }, headers: {} },
  },
  {
    ask: 'get /account',
    answer: { statusCode: 200, body: { account: 1, name: 'Ada' }, headers: {} },
  },
  { ask: 'post /logout', answer: { statusCode: 200, body: 'OK', headers: {} } },
  { ask: 'get /me', answer: { statusCode: 403, body: 'Forbidden', headers: {} } },
  { ask: 'delete /account/session', answer: { statusCode: 403, body: 'Forbidden', headers: {} } },
  {
    ask: 'post /room/join',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'join' }, headers: {} },
  },
  {
    ask: 'post /room/join-id',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'join-id' }, headers: {} },
  },
  {
    ask: 'post /room/leave',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'leave' }, headers: {} },
  },
  {
    ask: 'post /room/leave-all',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'leave-all' }, headers: {} },
  },
  {
    ask: 'post /room/add',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'add' }, headers: {} },
  },
  {
    ask: 'post /room/remove',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'remove' }, headers: {} },
  },
  {
    ask: 'post /room/broadcast',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'broadcast' }, headers: {} },
  },
  {
    ask: 'post /room/blast',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'blast' }, headers: {} },
  },
  {
    ask: 'post /room/own-emit',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'own-emit' }, headers: {} },
  },
  {
    ask: 'post /room/defaults',
    answer: { statusCode: 200, body: { event: 'message', firehose: 'function' }, headers: {} },
  },
  {
    ask: 'post /room/lost',
    answer: {
      statusCode: 200,
      body: { code: 'SAILS:HOOK:SOCKETS:NO_SUCH_SOCKET', status: 404, parsed: 'undefined' },
      headers: {},
    },
  },
  {
    ask: 'post /room/own-rooms',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 200, body: { rooms: 2 }, headers: {} },
  },
  {
    ask: 'post /room/join-list',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'join-list' }, headers: {} },
  },
  {
    ask: 'post /room/broadcast-omit',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'broadcast-omit' }, headers: {} },
  },
  {
    ask: 'post /room/broadcast-message',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'broadcast-message' }, headers: {} },
  },
  {
    ask: 'post /room/broadcast-event',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'broadcast-event' }, headers: {} },
  },
  {
    ask: 'post /room/blast-omit',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'blast-omit' }, headers: {} },
  },
  {
    ask: 'post /room/io',
    send: { data: { room: 'c', id: 'nobody' } },
    answer: { statusCode: 200, body: { done: 'io' }, headers: {} },
  },
  {
    ask: 'post /room/id',
    answer: { statusCode: 200, body: { id: expect.stringMatching(/^[\w-]{20}$/) }, headers: {} },
  },
  {
    ask: 'post /room/parse',
    answer: { statusCode: 200, body: { id: expect.stringMatching(/^[\w-]{20}$/) }, headers: {} },
  },
  {
    ask: 'post /room/nothing',
    send: { data: { room: 'a', to: 'b', id: 'nobody' } },
    answer: { statusCode: 404, body: 'Not Found', headers: {} },
  },
]
