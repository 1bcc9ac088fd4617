/**
 * `session.public` and `session.user`: fields that an app names of its own data.
 */
import { z } from './zod.ts'

/** What a session has beside an app's data: nothing that is stored goes by these names. */
export const sessionMembers: ReadonlySet<string> = new Set([
  'cookie',
  '_catamaran',
  'id',
  'req',
  'save',
  'reload',
  'regenerate',
  'rotate',
  'destroy',
  'touch',
  'resetMaxAge',
  'update',
  'authenticatedAt',
  'flash',
  'takeFlash',
])

const wanted = "must be a list of fields, such as ['userId', 'theme']"

/** @param advice - what is said of a value that names no field */
export function fieldName(advice: string) {
  return z
    .string(advice)
    .min(1, advice)
    .refine(
      (name) => !sessionMembers.has(name) && !(name in {}),
      'must be a field of your own: a session has something else by that name',
    )
}

/** A list of fields, each named once. */
export const publicConfig = z
  .array(fieldName(wanted), wanted)
  .refine((names) => new Set(names).size === names.length, 'must name each field once')
