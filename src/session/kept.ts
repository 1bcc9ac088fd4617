/**
 * What is kept of a session beside its data, in the record's one field `_catamaran`: when it began, when
 * its user logged in, the version of its data, flash messages, what its tokens are made with. Hidden from actions, left alone by others.
 */
import type { Json, JsonObject } from './merge.ts'

/** The record's field that holds it. */
export const keptField = '_catamaran'

/** A flash message. */
export type Message = readonly [name: string, value: Json]
/** Flash messages, each by a key of its own, so that parallel ones don't meet. */
export type Flash = Readonly<Record<string, Message>>

export interface Kept {
  /** When the session began, in **milliseconds** since the epoch; kept where `absolute` is set. */
  readonly created?: number
  /** When its user logged in, in **milliseconds** since the epoch. */
  readonly authenticated?: number
  /** The version of its data. */
  readonly version?: number
  readonly flash?: Flash
  /** What its tokens against forged requests are made with. */
  readonly csrf?: string
  /** Tickets for its cookie that were not redeemed yet: when each ends, in **milliseconds** since the epoch. */
  readonly tickets?: Readonly<Record<string, number>>
  /** This is no session but a marker: the sealed id it has moved to. */
  readonly rotated?: string
}

interface KeepsBeside {
  readonly [keptField]?: Kept | undefined
}

/** Reads it from a record; others may have written anything there. */
export function keptOf(record: JsonObject | undefined): Kept | undefined {
  const kept = record?.[keptField]
  const isObject = typeof kept === 'object' && kept !== null && !Array.isArray(kept)
  return isObject && Object.keys(kept).length > 0 ? (kept as Kept) : undefined
}

/** When a session began, where that was kept. */
export function createdOf({ [keptField]: kept }: KeepsBeside): number | undefined {
  return timeOf(kept?.created)
}

/** A time that was kept; `undefined` where there is none. */
export function timeOf(time: unknown): number | undefined {
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined
}
