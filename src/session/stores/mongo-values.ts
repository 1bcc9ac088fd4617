/**
 * Session texts as values of a document's field `session`, and back: text as it is, or an object in
 * connect-mongo's form (`stringify: false`). Knows no driver; what JSON has no type for (dates, ids of
 * other documents) is kept where a change leaves it alone.
 */

/** A stored value with its text. */
export interface Stored {
  readonly value: unknown
  readonly text: string
}

/** How texts are kept in the field `session`. */
export interface Values {
  /** What is stored for a text, unless types are in it that JSON lacks; `undefined` where none can tell. */
  guess(text: string): unknown
  textOf(value: unknown): string | Promise<string>
  /** What to store for `text`, in place of `old` where there is one. */
  valueOf(text: string, old?: Stored): unknown
}

type Fields = Record<string, unknown>

/** The members of a cookie in the order of express-session. */
const cookieMembers = [
  'originalMaxAge',
  'partitioned',
  'priority',
  'expires',
  'secure',
  'httpOnly',
  'domain',
  'path',
  'sameSite',
]

/** Those that a cookie may lack: express-session leaves them out, connect-mongo's driver writes `null`. */
const optional = new Set(['partitioned', 'priority', 'secure', 'domain', 'sameSite'])

/** Texts as they are. What an earlier `stringify: false` left is read all the same. */
export const plainTexts: Values = {
  guess: (text) => text,
  textOf,
  valueOf: (text) => text,
}

/** Objects, each in the form connect-mongo gives it; a text that none can hold stays text. */
export const documents: Values = {
  guess: documentOf,
  textOf,
  valueOf(text, old) {
    const after = fieldsOf(text)
    if (!old || !after || !isFields(old.value)) return documentOf(text)
    const grafted = graft(old.value, JSON.parse(old.text), after)
    return isFields(grafted) ? bestForm(grafted, text) : documentOf(text)
  },
}

/** The text of a stored value, as express-session would write it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const shown = isFields(value) && isFields(value['cookie']) ? bare(value, value['cookie']) : value
  return JSON.stringify(shown) ?? ''
}

function bare(value: Fields, cookie: Fields): Fields {
  const says = ([name, member]: [string, unknown]) => member !== null || !optional.has(name)
  return { ...value, cookie: Object.fromEntries(Object.entries(cookie).filter(says)) }
}

/** The object for a text; the text itself where no object would give it back. */
function documentOf(text: string): unknown {
  const fields = fieldsOf(text)
  return fields ? bestForm(fields, text) : text
}

/** The form of `fields` that gives `text` back: the nearest to connect-mongo's, else the text. */
function bestForm(fields: Fields, text: string): unknown {
  const { cookie } = fields
  if (!isFields(cookie)) return textOf(fields) === text ? fields : text
  const dated: Fields = { ...cookie, ...dateOf(cookie['expires']) }
  const members = cookieMembers.filter((name) => name in dated || optional.has(name))
  const full = Object.fromEntries(members.map((name) => [name, dated[name] ?? null]))
  for (const form of [{ ...full, ...dated }, dated]) {
    const value = { ...fields, cookie: form }
    if (textOf(value) === text) return value
  }
  return text
}

/** The expiry as a date, where it is written as JSON writes one. */
function dateOf(expires: unknown): { expires?: Date } {
  const date = typeof expires === 'string' ? new Date(expires) : undefined
  return date && JSON.stringify(date) === `"${expires}"` ? { expires: date } : {}
}

/** The object a text holds, if a document can hold it: BSON ends a key at its first NUL. */
function fieldsOf(text: string): Fields | undefined {
  if (!text.startsWith('{') || /\\u0000[^"]*":/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Gives `after` the old values wherever it equals `before`, which is what JSON made of `old`. */
function graft(old: unknown, before: unknown, after: unknown): unknown {
  if (JSON.stringify(before) === JSON.stringify(after)) return old
  if (Array.isArray(old) && Array.isArray(before) && Array.isArray(after)) {
    return after.map((item, n) => (n < old.length ? graft(old[n], before[n], item) : item))
  }
  if (!isFields(old) || !isFields(before) || !isFields(after)) return after
  const entries = Object.entries(after).map(([key, item]) => {
    const known = Object.hasOwn(old, key) && Object.hasOwn(before, key)
    return [key, known ? graft(old[key], before[key], item) : item]
  })
  return Object.fromEntries(entries)
}

/** An object of keys and values; dates and other types of BSON write themselves otherwise. */
function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
