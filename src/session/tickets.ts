/**
 * Tickets: how a socket changes the browser's cookie. A ticket is sealed together with the id in the cookie
 * the browser has now, goes to the client over the socket, and comes back by HTTP, where it becomes
 * `Set-Cookie`. Only the browser with that cookie can redeem it, once, for half a minute, on any node.
 */
import { randomBytes } from '../builtin.ts'
import { CatamaranError } from '../errors.ts'
import type { Committer, Tools } from './committer.ts'
import type { Forebears } from './forebears.ts'
import { createdOf, type Kept, keptField, keptOf } from './kept.ts'
import type { JsonObject } from './merge.ts'
import { cookieOf, isLiving, parseRecord, textOf } from './record.ts'
import type { SessionSettings } from './settings.ts'
import { createSealing } from './stores/sealing.ts'
import { createAmend } from './update.ts'
import { type Visit, visitOf } from './visit.ts'

export interface Tickets {
  /**
   * Makes a ticket for what a socket's event has changed, after its commit.
   *
   * @returns what the client sends back
   */
  issue(visit: Visit, order: Order): Promise<string>
  /**
   * Redeems a ticket with the cookies a request brings.
   *
   * @throws {CatamaranError} `E_TICKET`, `E_STORE_DOWN`
   */
  redeem(request: Visit['request'], ticket: string): Promise<Redeemed>
}

/** What a ticket is for. */
export interface Order {
  /** The id in the cookie the browser has now. */
  readonly cookieId: string
  /** Whether it must get the id of the visit's session. */
  readonly moved: boolean
  /** `Set-Cookie` lines the event wants sent along. */
  readonly lines: readonly string[]
}

/** What a ticket was worth. */
export interface Redeemed {
  /** The `Set-Cookie` lines the answer must carry. */
  readonly lines: readonly string[]
  /** To be called when the answer has left: the other sockets come back with the new cookie. */
  done(): void
}

/** Which session a ticket led to, and the line that names it. */
interface Taken {
  readonly id: string
  readonly setCookie: string
}

/** What is sealed. */
interface Content {
  /** The session's new id; none where only `lines` are brought. */
  readonly id?: string
  readonly nonce: string
  readonly lines: readonly string[]
  /** **Milliseconds** since the epoch. */
  readonly end: number
}

interface TicketTools extends Tools {
  readonly committer: Committer
  readonly forebears: Forebears
  begin(visit: Visit, found?: { readonly value: JsonObject }): Visit
}

/** **Seconds** a ticket can be redeemed. */
const life = 30
const mostRounds = 5
const refused = () => new CatamaranError('E_TICKET')

export function createTickets(
  settings: SessionSettings,
  { begin, forebears, ...tools }: TicketTools,
): Tickets | undefined {
  const { store, secrets, signer } = settings
  if (!secrets) return undefined
  const { ask, cookies, endings, rotation } = tools
  const { now } = settings.life
  const sealing = createSealing(secrets, 'tickets')
  const amend = createAmend(settings, tools)

  async function issue(visit: Visit, { cookieId, moved, lines }: Order): Promise<string> {
    const { identity } = visit
    const nonce = randomBytes(12).toString('base64url')
    const end = now() + life * 1000
    if (moved) {
      await amend(visit, ({ data, kept }) => ({
        after: { data, kept: { ...kept, tickets: { ...openOf(kept), [nonce]: end } } },
        result: undefined,
      }))
    }
    const content: Content = { ...(moved && { id: identity.id }), nonce, lines, end }
    const [key = cookieId] = forebears.lineOf(cookieId)
    return seal(key, content)
  }

  /** The bare characters of what is sealed, without the form it has in a store. */
  function seal(key: string, content: Content): string {
    return JSON.parse(sealing.seal(key, JSON.stringify(content))).encrypted.slice(2)
  }

  function unseal(key: string, ticket: string): Content | undefined {
    const text = sealing.open(key, `{"encrypted":"1.${ticket}"}`)
    return text === undefined ? undefined : (JSON.parse(text) as Content)
  }

  /** Tickets of a session that can still be redeemed. */
  function openOf(kept: Kept | undefined): Record<string, number> {
    const open = Object.entries(kept?.tickets ?? {}).filter(([, end]) => end > now())
    return Object.fromEntries(open)
  }

  async function redeem(request: Visit['request'], ticket: string): Promise<Redeemed> {
    if (!/^[\w-]+$/.test(ticket)) throw refused()
    const sent = signer.idsIn(request.headers.cookie).map(({ id }) => id)
    const line = sent.flatMap(forebears.lineOf)
    for (const key of line) {
      const content = unseal(key, ticket)
      if (!content) continue
      if (content.end <= now()) throw refused()
      if (content.id === undefined) return { lines: content.lines, done() {} }
      const { id, setCookie } = await take(request, content.id, content.nonce)
      const done = () => {
        for (const other of sent) endings.replaced(other, 'rotated', id)
      }
      return { lines: [setCookie, ...content.lines], done }
    }
    throw refused()
  }

  /** Takes the ticket out of the session's record, and gives the line that names the session. */
  async function take(request: Visit['request'], given: string, nonce: string): Promise<Taken> {
    const visit = visitOf(request, { identity: { id: given, stored: true, ended: false } })
    let found = await follow(visit, given, await ask(visit, () => store.read(given), 'read'))
    for (let round = 0; round < mostRounds; round += 1) {
      const { id, text } = found
      const record = text === undefined ? undefined : parseRecord(text)
      const kept = keptOf(record)
      if (text === undefined || !record || !isLiving(record, settings.life)) throw refused()
      if (!Object.hasOwn(kept?.tickets ?? {}, nonce)) throw refused()
      const { after, seconds } = without(record, kept, nonce)
      const result = await ask(visit, () => store.swap(id, text, after, seconds))
      if (result === 'done') return { id, setCookie: lineFor(request, id, after) }
      found = await follow(visit, id, result.text)
    }
    throw new CatamaranError('E_SESSION_BUSY', [String(mostRounds)])
  }

  /** The session may have moved on since. */
  function follow(visit: Visit, id: string, text: string | undefined) {
    return rotation.follow(
      { ...visit, identity: { id: '', stored: true, ended: false } },
      { id, text },
    )
  }

  /** The record without the ticket. */
  function without(record: JsonObject, kept: Kept | undefined, nonce: string) {
    const { tickets, ...rest } = { ...kept, tickets: openOf(kept) }
    delete tickets[nonce]
    const left: Kept = Object.keys(tickets).length > 0 ? { ...rest, tickets } : rest
    const { [keptField]: _, ...data } = record
    const after = textOf({ ...data, ...(Object.keys(left).length > 0 && { [keptField]: left }) })
    const cookie = cookieOf(record['cookie'], settings.cookie)
    return { after, seconds: settings.life.secondsOf(cookie, createdOf({ [keptField]: kept })) }
  }

  function lineFor(request: Visit['request'], id: string, text: string): string {
    const identity = { id, stored: true, ended: false }
    const value = parseRecord(text) ?? {}
    const line = cookies.firstLineOf(begin(visitOf(request, { identity, base: text }), { value }))
    // For TLS only, and this is plain http.
    if (line === undefined) throw refused()
    return line
  }

  return { issue, redeem }
}
