/**
 * A Connect store as somebody might write it in an hour: it knows nothing of ours, and calls back when,
 * and as, the test says.
 */

type Callback = (error?: unknown, value?: unknown) => void

export interface OtherSession {
  cookie: { expires: Date | null; originalMaxAge: number | null; maxAge: number | null }
  [key: string]: unknown
}

export interface OtherStore {
  get(id: string, callback: Callback): unknown
  set(id: string, session: OtherSession, callback: Callback): unknown
  destroy(id: string, callback: Callback): unknown
  touch(id: string, session: OtherSession, callback: Callback): unknown
  all(callback: Callback): unknown
  length(callback: Callback): unknown
  clear(callback: Callback): unknown
  /** The methods called since it was last asked. */
  calls(): string[]
  /** What `set` and `touch` were handed last. */
  last(): OtherSession | undefined
  on(): void
}

/** @param later - how it calls back; at once unless given */
export function createOtherStore(
  clock: () => number,
  later: (call: () => void) => void = (call) => call(),
): OtherStore {
  const records = new Map<string, { text: string; expires: number }>()
  const called: string[] = []
  let last: OtherSession | undefined

  function keep(id: string, session: OtherSession, text: string): void {
    last = session
    const { expires } = session.cookie
    records.set(id, { text, expires: expires ? expires.getTime() : Number.POSITIVE_INFINITY })
  }

  function living(id: string) {
    const record = records.get(id)
    return record && record.expires > clock() ? record : undefined
  }

  const ids = () => [...records.keys()].filter(living)

  return {
    get(id, callback) {
      called.push('get')
      const record = living(id)
      later(() => callback(null, record && JSON.parse(record.text)))
    },
    set(id, session, callback) {
      called.push('set')
      keep(id, session, JSON.stringify(session))
      later(() => callback())
    },
    destroy(id, callback) {
      called.push('destroy')
      records.delete(id)
      later(() => callback())
    },
    touch(id, session, callback) {
      called.push('touch')
      const record = living(id)
      if (record) keep(id, session, record.text)
      later(() => callback())
    },
    all: (callback) =>
      later(() => callback(null, Object.fromEntries(ids().map((id) => [id, living(id)])))),
    length: (callback) => later(() => callback(null, ids().length)),
    clear(callback) {
      records.clear()
      later(() => callback())
    },
    calls: () => called.splice(0),
    last: () => last,
    on() {},
  }
}

/** One whose every call takes 50 milliseconds. */
export function slowStore(): OtherStore {
  return createOtherStore(Date.now, (call) => void setTimeout(call, 50))
}
