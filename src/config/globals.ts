/**
 * `config/globals.ts`: which global variables an app asks for. `sails: true` also turns the
 * Sails profile on, which changes a few defaults (profile.ts).
 */
import type * as zod from 'zod'
import { z } from './zod.ts'

/** The schema of `config/globals.ts`; `false` for the whole file turns all of them off, as in Sails. */
export const globalsConfig = z.preprocess(
  (given: GlobalsConfigInput) => (given === false ? {} : given),
  z.strictObject({
    /** The global `sails`, and the Sails profile. */
    sails: z.boolean().default(false),
    /** Lodash, or what is like it: made global as `_`. */
    _: z.unknown().optional(),
    /** The library of that name: made global as `async`. */
    async: z.unknown().optional(),
    /** Taken from Sails apps; there are no models to make global. */
    models: z.boolean().optional(),
    /** Taken from Sails apps; services are imported. */
    services: z.boolean().optional(),
  }),
)

/** What an app writes in `config/globals.ts`. */
export type GlobalsConfigInput =
  | false
  | {
      readonly sails?: boolean
      readonly _?: unknown
      readonly async?: unknown
      readonly models?: boolean
      readonly services?: boolean
    }

/** What the framework reads. */
export type GlobalsConfig = zod.output<typeof globalsConfig>
