/**
 * The browser's cookie: fetched over HTTP where the session has another one now, and before it ends.
 */
import type { CookieJar } from './contract.ts'

export type Desk = ReturnType<typeof createDesk>

/** Fetches cookies over HTTP: for tickets, and before the one there is ends. */
export function createDesk(url: URL, jar: CookieJar | undefined) {
  let done: Promise<unknown> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  let used = false
  let due = false

  async function post(headers: Record<string, string>): Promise<Response> {
    const cookie = jar && { cookie: jar.get(url.href) }
    const answer = await fetch(new URL('/__catamaran/session', url), {
      method: 'POST',
      credentials: 'include',
      headers: { ...headers, ...cookie },
    })
    if (jar) for (const line of answer.headers.getSetCookie()) jar.set(line, url.href)
    return answer
  }

  /** @returns whether the browser has the new cookie now */
  async function redeem(ticket: string, tries = 3): Promise<boolean> {
    const answer = await post({ 'catamaran-ticket': ticket }).catch(() => undefined)
    if (answer && answer.status < 500) return answer.ok
    if (tries === 1) return false
    await new Promise((resolve) => setTimeout(resolve, 500))
    return redeem(ticket, tries - 1)
  }

  /** A cookie that ends is fetched anew when half of its life is over, if the page is in use. */
  function keep(endsIn: number | null): void {
    clearTimeout(timer)
    due = used = false
    if (!endsIn) return
    timer = setTimeout(
      () => {
        due = true
        if (used) use()
      },
      Math.min(endsIn * 500, 2 ** 31 - 1),
    )
    Object(timer).unref?.()
  }

  function use(): void {
    used = true
    if (!due) return
    due = false
    void post({})
      .then((answer) => answer.json() as Promise<{ endsIn: number | null }>)
      .then(({ endsIn }) => keep(endsIn))
      .catch(() => keep(30))
  }

  return {
    keep,
    use,
    /** One after the other: each ticket is redeemed with the cookie the one before has brought. */
    redeem(ticket: string): Promise<boolean> {
      const redeeming = done.then(() => redeem(ticket))
      done = redeeming
      return redeeming
    },
    /** Resolves when the browser has all cookies it was told to fetch. */
    settled: () => done,
    stop: () => clearTimeout(timer),
  }
}
