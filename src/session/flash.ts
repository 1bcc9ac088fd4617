/**
 * Flash messages: left by one request, taken once by whoever asks first. They stand in what is kept beside
 * the data, each under a key of its own, so that parallel ones merge like any other fields.
 */
import { randomBytes } from '../builtin.ts'
import { type Flash, type Kept, keptField, type Message } from './kept.ts'
import type { Json } from './merge.ts'
import { Session } from './session.ts'
import { asStored } from './values.ts'

/** Messages taken out of what is kept, and what is left of it. */
export interface Taken {
  readonly values: Json[]
  readonly kept: Kept | undefined
}

/**
 * Adds a message to a session.
 *
 * @throws {CatamaranError} `E_SESSION_VALUE`
 */
export function addFlash(session: Session, name: string, value: unknown): void {
  const kept = session[keptField] ?? {}
  // Never changed from outside any more.
  const message: Message = [name, asStored(value, `flash.${name}`)]
  Session.keep(session, { ...kept, flash: { ...kept.flash, [newKey()]: message } })
}

/**
 * Takes the messages of a name, in the order they were added.
 *
 * @param except - messages that are left where they are
 */
export function takeFlash(kept: Kept | undefined, name: string, except: Flash = {}): Taken {
  const flash = kept?.flash ?? {}
  const values: Json[] = []
  const left: Record<string, Message> = {}
  for (const [key, message] of Object.entries(flash)) {
    const isIt = Array.isArray(message) && message[0] === name && !Object.hasOwn(except, key)
    if (isIt) values.push(message[1])
    else left[key] = message
  }
  // The object stays where it is empty: a message added meanwhile must not meet its deletion.
  return { values, kept: values.length > 0 ? { ...kept, flash: left } : kept }
}

/** Never a whole number: JavaScript would put that first. */
function newKey(): string {
  return `f${randomBytes(6).toString('base64url')}`
}
