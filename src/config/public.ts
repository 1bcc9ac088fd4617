/**
 * `session.public`: the fields that pages are told of.
 */
import { z } from './zod.ts'

/** What stands beside an app's own data, and is nobody else's business. */
const notData = new Set(['cookie', '_catamaran'])

const wanted = "must be a list of fields, such as ['userId', 'theme']"

/** A list of fields, each named once. */
export const publicConfig = z
  .array(
    z
      .string(wanted)
      .min(1, wanted)
      .refine((name) => !notData.has(name), 'must be a field of your own'),
    wanted,
  )
  .refine((names) => new Set(names).size === names.length, 'must name each field once')
