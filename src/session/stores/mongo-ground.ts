/**
 * What the verbs of one mongo store share: its guard, its layout with nothing left open, and how a stored
 * session is read.
 */
import type { Guard } from './guard.ts'
import { type MongoCollection, reading } from './mongo-collection.ts'
import { alive, createFields, type FieldRules } from './mongo-fields.ts'
import type { Values } from './mongo-values.ts'

/** How one store keeps its sessions. */
export interface Layout extends FieldRules {
  values: Values
  /** `_id` of a session: its id unless given. */
  idOf?: ((id: string) => string) | undefined
  writeConcern?: object | undefined
  /** Told of what happened to a session, in the names of connect-mongo's events. */
  emit?(event: string, id: string): unknown
}

/** What each verb stands on. */
export type Ground = ReturnType<typeof groundOf>

export function groundOf(guard: Guard<MongoCollection>, layout: Layout) {
  const { values, writeConcern, idOf = (id: string) => id, emit = () => {} } = layout
  return {
    run: guard.run,
    values,
    fields: createFields(layout),
    writing: writeConcern ? { writeConcern } : {},
    idOf,
    living: (id: string) => ({ _id: idOf(id), ...alive }),
    tell(id: string, ...events: string[]): void {
      for (const event of events) emit(event, id)
    },
  }
}

/** What is stored now, and its text. */
export async function textNow({ living, values }: Ground, collection: MongoCollection, id: string) {
  const document = await collection.findOne(living(id), reading)
  if (!document) return { value: undefined, text: undefined }
  const value = document['session']
  return { value, text: await values.textOf(value) }
}
