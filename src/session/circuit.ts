/**
 * The circuit: while a store hangs, nobody waits for it but one call at a time, which finds out when it is
 * back. It opens only for silence: a store that refuses quickly (read-only, full) may still answer others.
 */
import type { Outcome } from './deadlines.ts'

/** A call that was let through. */
export interface Passage {
  /** On the clock of `performance.now()`. */
  readonly started: number
  /** Whether it is the one that finds out. */
  readonly isTrial: boolean
}

export interface Circuit {
  /** Whether to fail at once instead of asking the store. */
  refuses(now: number): boolean
  /** Whether the call that now begins is the trial. */
  begin(): boolean
  /** To be told how each call that was let through has ended. */
  ended(passage: Passage, outcome: Outcome, now: number): void
}

interface CircuitOptions {
  /** **Milliseconds** a call may take. */
  readonly limit: number
  /** Told when nothing has answered for that long, and when the store is back. */
  turned(state: 'silent' | 'back'): void
}

/** **Milliseconds** between the end of one trial and the next. */
const pause = 250

/** It needs no timer: the first call after each pause is the trial. */
export function createCircuit({ limit, turned }: CircuitOptions): Circuit {
  let open = false
  let told = false
  let trying = false
  let retryAt = 0
  let lastAnswer = Number.NEGATIVE_INFINITY

  function answered(): void {
    if (!open) return
    open = false
    if (told) turned('back')
    told = false
  }

  function failed({ started, isTrial }: Passage, outcome: Outcome, now: number): void {
    const isSlow = outcome === 'late' || now - started >= limit / 2
    // One slow call among others that are answered says nothing about the store.
    if (!isTrial && (!isSlow || lastAnswer >= started)) return
    open = true
    retryAt = now + pause
    // A store that rejects says itself what is the matter.
    if (outcome !== 'late' || told) return
    told = true
    turned('silent')
  }

  return {
    refuses: (now) => open && (trying || now < retryAt),
    begin() {
      trying ||= open
      return open
    },
    ended(passage, outcome, now) {
      if (passage.isTrial) trying = false
      if (outcome === 'error' || outcome === 'late') return failed(passage, outcome, now)
      lastAnswer = now
      answered()
    },
  }
}
