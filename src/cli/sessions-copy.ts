/**
 * `catamaran sessions copy`: moves all sessions from one store to another, while apps run or not. Cut off,
 * it goes on when it is run again.
 */
import { lifeBy } from '../session/stores/configured.ts'
import { type Counts, copySessions } from '../session/stores/copy.ts'
import type { SessionsContext } from './sessions-options.ts'
import { openNamed } from './sessions-store.ts'

/** **Milliseconds** between two lines of progress. */
const pace = 200

/** Answers 0 when all that can be read is in the new store. */
export async function copy(context: SessionsContext): Promise<number> {
  const { options, session, terminal } = context
  const from = await openNamed(options.from, context)
  try {
    const to = await openNamed(options.to, context)
    try {
      const started = performance.now()
      const keep = options.keep === true
      const progress = await progressOf(from.count(), terminal.progress)
      const lifeOf = lifeBy({ ttl: session.ttl ?? to.ttl })
      const counts = await copySessions({ from, to, keep, progress, lifeOf })
      terminal.progress('')
      const seconds = (performance.now() - started) / 1000
      if (options.json) terminal.print(JSON.stringify({ ...counts, seconds: round(seconds) }))
      else terminal.print(`${sentence(counts, keep)} ${round(seconds)} s.`)
      return 0
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

/** How far it is, a few times a second: `1,200 of 50,000`. */
async function progressOf(total: Promise<number>, show: (line: string) => void) {
  const all = (await total).toLocaleString('en')
  let next = 0
  return (counts: Counts): void => {
    const now = performance.now()
    if (now < next) return
    next = now + pace
    show(`${sum(counts).toLocaleString('en')} of ${all}`)
  }
}

function sentence({ moved, there, gone, unreadable }: Counts, keep: boolean): string {
  const parts = [`${moved} ${moved === 1 ? 'session' : 'sessions'} ${keep ? 'copied' : 'moved'}`]
  if (there > 0) parts.push(`${there} there already`)
  if (gone > 0) parts.push(`${gone} ended meanwhile`)
  if (unreadable > 0) parts.push(`${unreadable} not readable and left where they are`)
  return `${parts.join(', ')}, in`
}

const sum = (counts: Counts): number => Object.values(counts).reduce((all, one) => all + one, 0)

const round = (seconds: number): number => Math.round(seconds * 10) / 10
