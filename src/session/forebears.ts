/**
 * Forebears: which id a browser's cookie named before a handshake gave it a new one. Two tabs of one browser
 * are told apart by their ids alone; this says that both came from the same cookie jar.
 */

export interface Forebears {
  /** A handshake has given `id` to the browser that came with `before`. */
  add(id: string, before: string): void
  /** An id, and those the same browser had before it. */
  lineOf(id: string): string[]
  /** Whether the browser's cookie has another id now; asked again, it is taken to be mended. */
  wasReplaced(id: string): boolean
}

/** Forgetting one costs a visitor with several tabs a login that only its own tab keeps. */
const mostRemembered = 10_000
const longestLine = 20

export function createForebears(): Forebears {
  const befores = new Map<string, string>()
  const replaced = new Set<string>()

  return {
    add(id, before) {
      if (befores.size >= mostRemembered) {
        befores.clear()
        replaced.clear()
      }
      befores.set(id, before)
      replaced.add(before)
    },
    lineOf(id) {
      const line: string[] = []
      let next: string | undefined = id
      while (next !== undefined && line.length < longestLine) {
        line.push(next)
        next = befores.get(next)
      }
      return line
    },
    wasReplaced: (id) => replaced.delete(id),
  }
}
