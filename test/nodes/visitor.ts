/**
 * A visitor of an app on several nodes who goes on reading and counting over both doors while nodes come and
 * go: with `catamaran/client`, and with a `fetch` that asks again where nobody was there or the answer is 503.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CookieJar } from 'tough-cookie'
import { connect } from '../../src/client/client.ts'

/** The routes they use. */
export const routes = `export default {
  'POST /login': (req) => { req.session.userId = req.body.user; req.session.n = 0; return {} },
  'GET /me': (req) => ({ userId: req.session.userId ?? null, pid: process.pid }),
  'POST /n': async (req) => { await req.session.update((s) => { s.n += 1 }); return { n: req.session.n } },
}`

export interface Seen {
  /** Who each answer said was there. */
  readonly users: ReadonlySet<unknown>
  /** Of which processes the socket was. */
  readonly nodes: ReadonlySet<unknown>
  /** Counted up by acknowledged requests, by requests altogether, and what the session says. */
  readonly acknowledged: number
  readonly sent: number
  readonly count: unknown
}

interface Body {
  readonly userId?: string
  readonly pid?: number
  readonly n?: number
}

export type Visitor = Awaited<ReturnType<typeof visit>>

/** Logs in and goes on until stopped; `stop` rejects with the first request that failed. */
export async function visit(url: string, name: string, transport: 'websocket' | 'polling') {
  const cookies = new CookieJar()
  const jar = {
    get: (at: string) => cookies.getCookieStringSync(at),
    set: (line: string, at: string) => void cookies.setCookieSync(line, at, { ignoreError: true }),
  }
  const users = new Set<unknown>()
  const nodes = new Set<unknown>()
  let [acknowledged, sent] = [0, 0]
  let going = true

  async function ask(method: string, path: string, data?: object): Promise<Body> {
    const headers = { cookie: jar.get(url), 'content-type': 'application/json' }
    const body = data && JSON.stringify(data)
    for (const until = performance.now() + 30_000; performance.now() < until; await sleep(100)) {
      if (path === '/n') sent += 1
      const answer = await fetch(url + path, { method, headers, ...(body && { body }) }).catch(
        () => undefined,
      )
      if (answer?.status === 200) {
        for (const line of answer.headers.getSetCookie()) jar.set(line, url)
        return (await answer.json()) as Body
      }
      if (answer && ![502, 503].includes(answer.status)) throw new Error(`${answer.status} ${path}`)
    }
    throw new Error(`30 s without an answer to ${path}`)
  }

  await ask('POST', '/login', { user: name })
  const client = connect(url, { jar, timeout: 30, socket: { transports: [transport] } })

  async function run(): Promise<void> {
    while (going) {
      const { body } = await client.get<Body>('/me')
      nodes.add(body.pid)
      users.add(body.userId).add((await ask('GET', '/me')).userId)
      await ask('POST', '/n')
      acknowledged += 1
      await sleep(20)
    }
  }
  const running = run()
  // Whoever stops it hears of it.
  running.catch(() => {})

  return {
    nodes,
    async stop(): Promise<Seen> {
      going = false
      await running.finally(client.close)
      const { n: count } = await ask('POST', '/n')
      return { users, nodes, acknowledged: acknowledged + 1, sent, count }
    },
  }
}
