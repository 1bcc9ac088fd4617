/**
 * Finds sessions that were changed after their answer, in a timer or by what nobody awaited: nothing stores
 * that. Looks at visits a while later, so that no request pays for it; only outside of production.
 */
import type { Visit } from './visit.ts'

/** **Milliseconds** from the first answer to the look at it and those after it. */
const wait = 2_000
/** Visits that wait to be looked at; more of them would only fill the memory. */
const mostWaiting = 1_000

/**
 * @param check - tells of a visit whose session has changed; the first one that has is told of, and no other
 * @returns what is called with each visit that was answered
 */
export function createLateWatch(check: (visit: Visit) => boolean): (visit: Visit) => void {
  const waiting: Visit[] = []
  let told = false

  async function look(): Promise<void> {
    for (const visit of waiting.splice(0)) {
      // What stores by itself after the answer may just be doing so.
      await Promise.allSettled(visit.pending)
      told ||= check(visit)
    }
  }

  return (visit) => {
    if (told || waiting.length >= mostWaiting) return
    if (waiting.push(visit) === 1) setTimeout(look, wait).unref()
  }
}
