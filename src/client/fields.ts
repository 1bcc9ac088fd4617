/**
 * The session's public fields, as the server has told them.
 */

export type Told = Readonly<Record<string, unknown>>

export function createFields() {
  /** What was told of each, `null` for what is not set. */
  const known: Record<string, unknown> = {}
  /** Those that are set. */
  const shown: Record<string, unknown> = {}

  /** Takes what was told, and gives what of it is new; the first that is told is all new. */
  function take(told: Told): Told | undefined {
    const news = Object.entries(told).filter(([name, value]) => {
      return !(name in known) || JSON.stringify(known[name]) !== JSON.stringify(value)
    })
    for (const [name, value] of news) {
      known[name] = value
      if (value === null) delete shown[name]
      else shown[name] = value
    }
    return news.length > 0 ? Object.fromEntries(news) : undefined
  }

  /** The session has ended, and nothing is left of it. */
  function clear(): Told | undefined {
    return take(Object.fromEntries(Object.keys(known).map((name) => [name, null])))
  }

  return { shown, take, clear }
}
