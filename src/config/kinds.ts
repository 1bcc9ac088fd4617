/**
 * Kinds of values zod has no word for: functions, live objects, other spellings, keys that are not there yet.
 * Only building blocks; what a key means stands in the schema that uses it.
 */
import { z } from './zod.ts'

/** What a schema says about a key beside its type; settle.ts acts on it. */
export interface KeyMeta {
  /** This key is another spelling of that one: its value moves there. */
  readonly aliasOf?: string
  /** Logged when the key is set. */
  readonly note?: string
}

/** Where schemas say it. */
export const keyMeta = z.registry<KeyMeta>()

/** A function; `T` says what it is called with. */
export function fn<T extends (...values: never[]) => unknown>() {
  return z.custom<T>((value) => typeof value === 'function', 'must be a function')
}

/** A live object, such as a connected client or a store. */
export function live() {
  return z.custom<object>(
    (value) => typeof value === 'object' && value !== null,
    'must be an object that is ready to use',
  )
}

/** Another spelling of the key `of`, kept for apps that come from elsewhere. */
export function alias<T>(of: string) {
  return z.custom<T>().optional().register(keyMeta, { aliasOf: of })
}

/** A key this version knows by name only. Unset or `false` passes; anything else is a problem. */
export function later(advice = 'is not there yet in this version: remove it') {
  return z.custom<false>((value) => value === undefined || value === false, advice).optional()
}

/** A whole number of **seconds** above 0. */
export function seconds() {
  const words = 'must be a whole number of seconds above 0'
  return z.int(words).positive(words)
}

/** A TCP port; 0 lets the system choose. */
export function portNumber() {
  const words = 'must be a port number from 0 to 65535'
  return z.int(words).min(0, words).max(65_535, words)
}

/** What is wrong with an origin that holds a `*`. */
export const noPattern = 'matches no page: list each origin by itself'
