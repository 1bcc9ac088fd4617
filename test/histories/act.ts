/**
 * Does the steps of one visit to a session, whoever made it, and writes down what it saw and when.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { counted, type Event, stillOpen } from './model.ts'
import type { Change, Data, Step, Visit } from './program.ts'

type SessionData = Record<string, unknown>

/** What the steps need of a session; express-session's will do for those its programs take. */
export interface ActingSession {
  save(): Promise<void>
  reload(): Promise<void>
  regenerate(): Promise<void>
  rotate(): Promise<void>
  destroy(): Promise<void>
  touch(): unknown
  update<T>(change: (data: SessionData) => T): Promise<T>
}
export interface ActingRequest {
  session?: unknown
  sessionID?: string
}

/** Lets a record's life be over; the session's own clock can't be moved in a store that others keep. */
export type Expire = (id: string) => Promise<void>

/** What one visit holds of its session, as the steps know it. */
export interface Log {
  readonly events: Event[]
  /** The data its changes stand on; `null` when nothing is stored. */
  base: Data | null
  /** When the base was asked for. */
  since: number
  changes: Change[]
  /** Nothing is done or committed any more: the session was found ended, or has been. */
  over: boolean
}

/** All processes of the machine share this clock. */
export const now = () => Number(process.hrtime.bigint())

export function createLog(): Log {
  return { events: [], base: null, since: now(), changes: [], over: false }
}

/** What a session holds beside its cookie. */
export function dataOf(request: ActingRequest): Data {
  const { cookie: _, ...data } = (request.session ?? {}) as SessionData
  return JSON.parse(JSON.stringify(data)) as Data
}

/** Writes down what a request found under the id its cookie names. */
export function noteOpened(request: ActingRequest, log: Log, asked: string | undefined): void {
  const isKnown = request.sessionID === asked
  log.base = isKnown ? dataOf(request) : null
  if (asked === undefined) return
  log.events.push({ kind: 'open', id: asked, start: log.since, end: now(), saw: log.base })
}

/** Writes down the commit that ended at `end`, if there was something to commit. */
export function noteCommitted(request: ActingRequest, log: Log, span: Span): void {
  if (log.over || log.changes.length === 0) return
  log.events.push(writeOf(request, log, { ...span, force: false }))
}

interface Span {
  readonly start: number
  readonly end: number
}

function writeOf(
  { sessionID: id = '' }: ActingRequest,
  { since, base, changes }: Log,
  span: Span & { force: boolean; saw?: Data },
): Event {
  return { kind: 'write', id, since, base, changes: [...changes], ...span }
}

interface Tools {
  readonly log: Log
  readonly expire: Expire
}

/** Does the steps one after the other. */
export async function act(
  request: ActingRequest,
  steps: Visit,
  { log, expire }: Tools,
): Promise<void> {
  for (const step of steps) if (!log.over) await take(request, step, { log, expire })
}

async function take(request: ActingRequest, step: Step, { log, expire }: Tools): Promise<void> {
  const session = request.session as ActingSession & SessionData
  const { sessionID: id = '' } = request
  const start = now()
  const span = () => ({ start, end: now(), id })
  switch (step.do) {
    case 'wait':
      await (step.ms === 0 ? turn() : sleep(step.ms))
      return
    case 'set':
    case 'delete':
      change(session, step)
      log.changes.push(...stillOpen([step], log.base ?? {}, log.base ?? {}))
      return
    case 'touch':
      session.touch()
      return
    case 'update':
      return update(request, log, span)
    case 'save':
      await session.save()
      return noteSaved(request, log, span())
    case 'reload':
      return reload(request, log, span)
    case 'rotate':
      return rotate(request, log, span)
    case 'regenerate':
      await session.regenerate()
      log.events.push({ kind: 'end', ...span() })
      Object.assign(log, { base: null, since: start, changes: [] })
      return
    case 'destroy':
      await session.destroy()
      log.events.push({ kind: 'end', ...span() })
      log.over = true
      return
    case 'expire':
      if (log.base === null) return
      await expire(id)
      log.events.push({ kind: 'expire', ...span() })
  }
}

type SpanNow = () => Span & { id: string }

function change(session: SessionData, { do: what, path, value }: Change): void {
  const [name = '', below] = path.split('.')
  if (below === undefined) {
    if (what === 'set') session[name] = value
    else delete session[name]
    return
  }
  if (what === 'set') session[name] ??= {}
  const inside = session[name] as SessionData | undefined
  if (what === 'set' && inside) inside[below] = value
  else delete inside?.[below]
}

async function update(request: ActingRequest, log: Log, span: SpanNow): Promise<void> {
  const session = request.session as ActingSession
  let saw: Data | undefined
  try {
    await session.update((data) => {
      saw = JSON.parse(JSON.stringify(data)) as Data
      Object.assign(data, counted(data))
    })
  } catch (error) {
    if (!isEnded(error)) throw error
    log.events.push({ kind: 'update', ...span(), saw: null })
    log.over = true
    return
  }
  const { start, end, id } = span()
  const given = saw ?? {}
  log.events.push({ kind: 'update', start, end, id, saw: given })
  const after = counted(given)
  // Where the session has moved away, the request goes on with what it had.
  if (dataOf(request)['n'] !== after['n']) return
  log.changes = log.base === null ? [] : stillOpen(log.changes, log.base, given)
  Object.assign(log, { base: after, since: start })
}

function noteSaved(request: ActingRequest, log: Log, span: Span): void {
  const isNew = log.base === null
  if (!isNew && log.changes.length === 0) return
  const saw = dataOf(request)
  log.events.push(writeOf(request, log, { ...span, force: true, saw }))
  Object.assign(log, { base: saw, since: span.start, changes: [] })
}

async function reload(request: ActingRequest, log: Log, span: SpanNow): Promise<void> {
  try {
    await (request.session as ActingSession).reload()
  } catch (error) {
    if (!isEnded(error)) throw error
    log.events.push({ kind: 'reload', ...span(), saw: null })
    // One that isn't stored yet has lost nothing.
    log.over = log.base !== null
    return
  }
  const { start, end, id } = span()
  const saw = dataOf(request)
  log.events.push({ kind: 'reload', start, end, id, saw })
  Object.assign(log, { base: saw, since: start, changes: [] })
}

async function rotate(request: ActingRequest, log: Log, span: SpanNow): Promise<void> {
  try {
    await (request.session as ActingSession).rotate()
  } catch (error) {
    if (!isEnded(error)) throw error
    log.over = true
    return
  }
  const { id, ...times } = span()
  const { sessionID: to = '' } = request
  if (log.base === null) return
  // Somebody else has moved it: what was changed went there, and is no longer open.
  if (to === id) return noteSaved(request, log, times)
  const saw = dataOf(request)
  const { base, since, changes } = log
  log.events.push({ kind: 'move', id, to, ...times, since, base, changes, saw })
  Object.assign(log, { base: saw, since: times.start, changes: [] })
}

/** Somebody has ended the session: an answer like others. */
export function isEnded(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'E_SESSION_ENDED'
}
