/** What `config/session` of an app of Sails makes of cookies and rows: recorded from Sails 1.5.18, as ours has it. */
import { createClient } from 'redis'

export interface SessionCase {
  /** Beside the store. */
  readonly session: { readonly prefix?: string; readonly [key: string]: unknown }
  /** The cookie each page sends, in order. */
  readonly lines: readonly string[]
  readonly row: object
  /** Its life in Redis, in **seconds**. */
  readonly life: number
}

/** The first two look, the third counts, the last two are an asset's and none. */
export const pages = ['/peek', '/peek', '/counter', '/peek', '/asset/peek.json', '/nowhere']

const usual = 'sails.sid=ID; Path=/; HttpOnly'
const minute = 'sails.sid=ID; Path=/; Expires=SOON; HttpOnly'
const bare = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
const brief = { ...bare, originalMaxAge: 60_000, expires: 'SOON' }

export const sessionCases: readonly SessionCase[] = [
  {
    session: {},
    lines: [usual, '', '', '', '', ''],
    row: { cookie: bare, count: 1 },
    life: 86_400,
  },
  {
    session: { cookie: { maxAge: 60_000 } },
    lines: [minute, '', minute, '', '', ''],
    row: { cookie: brief, count: 1 },
    life: 60,
  },
  {
    session: { cookie: { maxAge: 60_000 }, rolling: true },
    lines: [minute, minute, minute, minute, '', minute],
    row: { cookie: brief, count: 1 },
    life: 60,
  },
  {
    session: { saveUninitialized: false, resave: false },
    lines: ['', '', usual, '', '', ''],
    row: { cookie: bare, count: 1 },
    life: 86_400,
  },
  {
    session: { key: 'k.sid', name: 'n.sid', prefix: 'p:', ttl: 500, cookie: { httpOnly: false } },
    lines: ['k.sid=ID; Path=/', '', '', '', '', ''],
    row: { cookie: { ...bare, httpOnly: false }, count: 1 },
    life: 500,
  },
]

/** All of them, each with its options as a text. */
export const named = sessionCases.map((each) => [JSON.stringify(each.session), each] as const)

/** What a visitor of all pages is sent, and what is stored then. */
export async function playSession(url: string, redis: string, { session }: SessionCase) {
  let cookie = ''
  const lines: string[] = []
  for (const page of pages) {
    const answer = await fetch(url + page, { headers: cookie === '' ? {} : { cookie } })
    const [line = ''] = answer.headers.getSetCookie()
    if (line !== '') cookie = line.split(';')[0] ?? ''
    lines.push(line.replace(/=s%3A[^;]+/, '=ID').replace(/Expires=[^;]+/, soon))
  }
  const id = /=s%3A([^.]+)/.exec(cookie)?.[1]
  const client = await createClient({ url: redis }).connect()
  const key = `${session.prefix ?? 'sess:'}${id}`
  const [text, life] = [await client.get(key), await client.ttl(key)]
  client.destroy()
  const row = JSON.parse(text ?? '{}', (name, value) => {
    if (name === 'expires' && value !== null) return soon(value)
    // Ours says so, where Sails leaves out what is not.
    return ['secure', 'sameSite'].includes(name) && value === false ? undefined : value
  })
  return { lines, row, life }
}

/** `SOON` for a date that is a minute ahead. */
function soon(text: string): string {
  const seconds = (Date.parse(text.replace('Expires=', '')) - Date.now()) / 1000
  const said = seconds > 30 && seconds <= 60 ? 'SOON' : text
  return text.startsWith('Expires=') && said === 'SOON' ? 'Expires=SOON' : said
}
