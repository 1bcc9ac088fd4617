/**
 * Clients of a test's app in Node, each with a cookie jar that HTTP can use too.
 */
import { CookieJar } from 'tough-cookie'
import { onTestFinished } from 'vitest'
import { type Client, type ClientOptions, connect } from '../../src/client/client.ts'

export interface Visitor {
  readonly client: Client
  /** What HTTP gives with the same cookies. */
  get(path: string): Promise<unknown>
  cookie(): string
}

/** A visitor whose client is closed when the test has finished. */
export function visit(url: string, options: ClientOptions = {}, jar = new CookieJar()): Visitor {
  const cookie = () => jar.getCookieStringSync(url)
  const client = connect(url, {
    jar: { get: cookie, set: (line) => void jar.setCookieSync(line, url) },
    ...options,
  })
  onTestFinished(() => client.close())
  return {
    client,
    cookie,
    async get(path) {
      const answer = await fetch(new URL(path, url), { headers: { cookie: cookie() } })
      return answer.json()
    },
  }
}
