/** What session a socket of an app of Sails has: recorded from Sails 1.5.18, and where ours is another on purpose. */
import type { HandshakeCase, VersionCase } from './sails-play.ts'

const bringing = (cookie: string) => ({ initialConnectionHeaders: { cookie } })
const counts = (...numbers: number[]) => numbers.map((count) => ({ count }))
const nothing = { session: false, count: 0 }
const empty = { session: true, count: 0 }

/** A session that goes on, and one of a stranger. */
const goesOn = { ask: '/counter', answer: counts(2, 3, 4) }
const begins = { ask: '/counter', answer: counts(1, 2, 3) }
/** In Sails each message then has a session of its own. */
const scattered = { ...begins, sails: counts(1, 1, 1) }

export const handshakeCases: readonly HandshakeCase[] = [
  { does: 'begins without a cookie', connect: () => ({}), ...begins },
  { does: 'begins beside other cookies', connect: () => bringing('theme=dark'), ...scattered },
  { does: 'goes on by its cookie', connect: (_, cookie) => bringing(cookie), ...goesOn },
  {
    does: 'goes on by its cookie among others',
    connect: (_, cookie) => bringing(`theme=dark; ${cookie}; a=b`),
    ...goesOn,
  },
  {
    does: 'goes on over polling',
    connect: (_, cookie) => ({ ...bringing(cookie), transports: ['polling'] }),
    ...goesOn,
  },
  {
    does: 'goes on over an upgrade',
    connect: (_, cookie) => ({ ...bringing(cookie), transports: ['polling', 'websocket'] }),
    ...goesOn,
  },
  {
    does: 'goes on by the second cookie of its name',
    connect: (_, cookie) => bringing(`sails.sid=s%3Aold.x; ${cookie}`),
    ...goesOn,
    sails: counts(1, 1, 1),
  },
  { does: 'begins with a bad signature', connect: (_, it) => bringing(`${it}x`), ...scattered },
  { does: 'begins with a bare id', connect: () => bringing('sails.sid=chosen'), ...scattered },
  {
    does: 'takes no cookie from the address',
    connect: (_, cookie) => ({ query: `cookie=${encodeURIComponent(cookie)}` }),
    ...begins,
  },
  {
    does: 'has none where a header says nosession',
    connect: (_, cookie) => ({ initialConnectionHeaders: { cookie, nosession: 'true' } }),
    ask: '/peek',
    answer: [nothing, nothing, nothing],
  },
  {
    does: 'has one at each message where the address says nosession',
    connect: () => ({ query: 'nosession=true' }),
    ask: '/peek',
    answer: [empty, empty, empty],
  },
]

/** From 0.11.0 on, whatever it is a preview of; who says nothing is taken for 0.9. */
export const versionCases: readonly VersionCase[] = [
  { version: '', taken: false },
  { version: '0.9', taken: false, fatal: true },
  { version: '0.10.9', taken: false },
  { version: '0.11.0', taken: true },
  { version: '0.11.0-rc.1', taken: true },
  { version: '1.0.0-beta', taken: true },
  { version: '1.2.1', taken: true },
  { version: '2.0.0', taken: true },
  { version: 'nonsense', taken: false, fatal: true },
  { version: '1.2.1', header: '0.9.0', taken: false },
  { version: '0.9.0', header: '1.2.1', taken: true },
]
