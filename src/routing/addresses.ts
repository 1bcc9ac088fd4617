/**
 * Addresses of routes, as Sails writes them: `GET /user/:id`, `/files/*`, `r|^/x/(\d+)$|id`.
 * Reads one into verbs and a matcher; knows nothing of targets.
 */
import { type Key, PathError, parse, pathToRegexp } from 'path-to-regexp'
import type { Report } from './problems.ts'

/** One address, read. */
export interface Address {
  /** Upper-case, or `ALL`; an address without a verb stands for five. */
  readonly verbs: readonly string[]
  /** Whether the verb was written: it then wins over an address without one. */
  readonly explicit: boolean
  readonly path: string
  /** The path to look up, when it has no parameters. */
  readonly fixed?: string
  readonly pattern?: RegExp
  /** Names of the pattern's groups, in order. */
  readonly names: readonly string[]
  /** How wide each segment is; the narrower of two addresses goes first. */
  readonly widths: readonly number[]
}

const withoutVerb = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const verbs = [...withoutVerb, 'HEAD', 'OPTIONS', 'ALL']

/** Reads an address; a mistake is reported, and there is no answer then. */
export function readAddress(written: string, report: Report): Address | undefined {
  const [, word, rest] = /^(?!r\|)([^\s/*]+)\s+(.+)$/.exec(written.trim()) ?? []
  const path = rest?.trim() ?? written.trim()
  const verb = word?.toUpperCase()
  if (verb === 'ON') return readEvent(path, report)
  if (verb && !verbs.includes(verb)) {
    report(`'${word}' is no verb`, `Use one of ${verbs.join(', ').toLowerCase()}, or none.`)
    return undefined
  }
  const matcher = path.startsWith('r|') ? readRegExp(path, report) : readPath(path, report)
  return (
    matcher && { verbs: verb ? [verb] : withoutVerb, explicit: Boolean(verb), path, ...matcher }
  )
}

/** Events that mean something already, to Socket.IO or as requests. */
const takenEvents = [
  ...verbs.map((verb) => verb.toLowerCase()),
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]

/** `ON chat:message`: the name of an event, as it is. */
function readEvent(name: string, report: Report): Address | undefined {
  if (takenEvents.includes(name)) {
    report(`'${name}' is no event of an app's own`, 'Give it another name.')
    return undefined
  }
  return {
    verbs: ['ON'],
    explicit: true,
    path: name,
    fixed: eventPath(name),
    names: [],
    widths: [],
  }
}

/** The path under which an event is looked up: requests have one, whatever brought them. */
export function eventPath(name: string): string {
  return `/${encodeURIComponent(name.toWellFormed())}`
}

/** The form in which fixed paths are kept and looked up: any case, trailing slash or not. */
export function plainPath(path: string): string {
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return bare.toLowerCase()
}

type Matcher = Pick<Address, 'fixed' | 'pattern' | 'names' | 'widths'>

/** `r|expression|names`; the expression is taken as it is written, its case too. */
function readRegExp(path: string, report: Report): Matcher | undefined {
  const [, source, names] = /^r\|(.*)\|([^|]*)$/.exec(path) ?? []
  if (!source) {
    report('is no regular expression', 'Write r|expression|names, as in r|^/x/(\\d+)$|id.')
    return undefined
  }
  try {
    const pattern = new RegExp(source)
    return { pattern, names: groupNames(source, names?.split(',') ?? []), widths: [] }
  } catch (error) {
    report(String(error), 'Mend the expression between r| and |.')
    return undefined
  }
}

/** A group has the name that is given, else its own, `(?<id>…)`, else its number, as in Express. */
function groupNames(source: string, given: readonly string[]): string[] {
  const parts = source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?<(?![=!])([^>]+)>|(?!\?))/g)
  const groups = [...parts].filter(([part]) => part.startsWith('('))
  let unnamed = 0
  return groups.map(([, own], index) => {
    const number = own === undefined ? unnamed++ : unnamed
    return given[index]?.trim() || own || String(number)
  })
}

function readPath(path: string, report: Report): Matcher | undefined {
  if (path !== '*' && !path.startsWith('/')) {
    report('has no path', "Write a verb and a path that starts with a slash: 'GET /login'.")
    return undefined
  }
  try {
    const data = parse(translate(path), { encodePath: encode })
    const widths = path.split('/').map(width)
    const [token, more] = data.tokens
    if (!more && token?.type === 'text') {
      return { fixed: plainPath(token.value), names: [], widths }
    }
    const { regexp, keys } = pathToRegexp(data)
    return { pattern: regexp, names: keys.map((key: Key) => key.name), widths }
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    const what = error.message.split(':', 1)[0] ?? error.message
    report(
      what.toLowerCase(),
      'Plain text, :name, :name? and * may stand here; else use r|…|names.',
    )
    return undefined
  }
}

/**
 * From the older grammar to that of path-to-regexp: `:id?` is `{/:id}`, and a `*` may match nothing.
 * Wildcards are named 0, 1, …; a whole segment `*rest` brings its own name. A slash at the end says nothing.
 */
function translate(path: string): string {
  let wildcards = 0
  return (path === '*' ? '/*' : path)
    .replace(/(?<=.)\/$/, '')
    .replaceAll(/(\/?):(\w+)\?/g, '{$1:$2}')
    .replaceAll(/(?<=\/)\*\w+(?=\/|$)|\*/g, (found) => {
      if (found !== '*') return found
      wildcards += 1
      return `{*"${wildcards - 1}"}`
    })
}

/** Requests arrive percent-encoded; addresses may be written either way. */
function encode(text: string): string {
  try {
    return encodeURI(decodeURI(text))
  } catch {
    return encodeURI(text)
  }
}

/** 0 text, 1 text with a parameter, 2 parameter, 3 optional parameter, 4 wildcard. */
function width(segment: string): number {
  if (segment.includes('*')) return 4
  if (/:\w+\?/.test(segment)) return 3
  if (/^:\w+$/.test(segment)) return 2
  return segment.includes(':') ? 1 : 0
}
