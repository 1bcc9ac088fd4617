/**
 * What a session of `sess` may hold beyond JSON, as text and back: Dates, regular expressions, Buffers, Maps,
 * Sets and numbers that are no JSON. Knows no session.
 */

/** Begins texts that stand for something else; app's own that begin so are marked as texts. */
const mark = '\u0000'

/** @throws {TypeError} for cycles and BigInts */
export function encode(value: object): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shown: unknown) {
    const given = this[key]
    if (given instanceof Date && !Number.isNaN(given.getTime())) return `${mark}D${given.getTime()}`
    if (Buffer.isBuffer(given)) return `${mark}B${given.toString('base64')}`
    if (given instanceof Map) return `${mark}M${encode([...given])}`
    if (given instanceof Set) return `${mark}E${encode([...given])}`
    if (given instanceof RegExp) return `${mark}R${given.flags}/${given.source}`
    if (typeof given === 'number' && !Number.isFinite(given)) return `${mark}N${given}`
    return typeof given === 'string' && given.startsWith(mark) ? `${mark}S${given}` : shown
  })
}

/** Gives a fresh value that shares nothing with the one encoded. */
export function decode(text: string): Record<string, unknown> {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? decodeMarked(value) : value,
  )
}

function decodeMarked(text: string): unknown {
  const [kind, rest] = [text[1], text.slice(2)]
  if (kind === 'D') return new Date(Number(rest))
  if (kind === 'B') return Buffer.from(rest, 'base64')
  if (kind === 'M') return new Map(items(rest) as [unknown, unknown][])
  if (kind === 'E') return new Set(items(rest))
  if (kind === 'N') return Number(rest)
  if (kind === 'S') return rest
  const slash = rest.indexOf('/')
  return new RegExp(rest.slice(slash + 1), rest.slice(0, slash))
}

function items(text: string): unknown[] {
  return Object.values(decode(text))
}
