/**
 * Forebears: which id a browser's cookie named before a handshake gave it a new one. Two tabs of one browser
 * are told apart by their ids alone; this says that both came from the same cookie jar. Nodes tell each other,
 * by keys: what stands for an id between them.
 */

export interface Forebears {
  /** A handshake has given `id` to the browser that came with `before`. */
  add(id: string, before: string): void
  /**
   * A handshake at another node has.
   *
   * @param id - the one before, where it is known here
   */
  heard(link: Link, id: string | undefined): void
  /** The key of an id, and those of what the same browser had before it. */
  lineOf(id: string): string[]
  /** Whether the browser's cookie has another id now; asked again, it is taken to be mended. */
  wasReplaced(id: string): boolean
  /** Goes by these keys from now on, and tells other nodes; before anybody connects. */
  share(keyOf: (id: string) => string, tell: (link: Link) => void): void
}

/** The keys of two ids that a browser had one after the other. */
export interface Link {
  readonly key: string
  readonly before: string
}

/** Forgetting one costs a visitor with several tabs a login that only its own tab keeps. */
const mostRemembered = 10_000
const longestLine = 20

export function createForebears(): Forebears {
  const befores = new Map<string, string>()
  const replaced = new Set<string>()
  let keyOf = (id: string) => id
  let tell: ((link: Link) => void) | undefined

  function heard({ key, before }: Link, id: string | undefined): void {
    if (befores.size >= mostRemembered) {
      befores.clear()
      replaced.clear()
    }
    befores.set(key, before)
    if (id !== undefined) replaced.add(id)
  }

  return {
    add(id, before) {
      const link = { key: keyOf(id), before: keyOf(before) }
      heard(link, before)
      tell?.(link)
    },
    heard,
    lineOf(id) {
      const line: string[] = []
      let next: string | undefined = keyOf(id)
      while (next !== undefined && line.length < longestLine) {
        line.push(next)
        next = befores.get(next)
      }
      return line
    },
    wasReplaced: (id) => replaced.delete(id),
    share(byKey, toOthers) {
      keyOf = byKey
      tell = toOthers
    },
  }
}
