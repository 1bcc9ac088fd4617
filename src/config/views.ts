/**
 * `config/views.ts`: the view engine of `res.view` and of routes with `{ view: … }`. There is none unless
 * the app names one or is a Sails app where `ejs` is installed; other keys, such as Sails' `layout`, reach
 * the engine as its options.
 */
import type * as zod from 'zod'
import { fn } from './kinds.ts'
import { z } from './zod.ts'

/** Express's own form of a view engine. */
export type ViewEngine = (
  path: string,
  options: object,
  callback: (error: unknown, text?: string) => void,
) => void

/** The schema of `config/views.ts`. */
export const viewsConfig = z.looseObject({
  /** A package that Express can use (`ejs`, `pug`), or the function `(path, options, callback)` itself. */
  engine: z.union([z.string().min(1), fn<ViewEngine>()]).optional(),
  /** Ending of the files; the engine's name unless set. In Sails it names the engine, too. */
  extension: z.string().min(1).optional(),
  /** Folder of the pages. */
  folder: z.string().min(1).default('views'),
})

/** What an app writes in `config/views.ts`. */
export type ViewsConfigInput = zod.input<typeof viewsConfig>

/** What the framework reads. */
export type ViewsConfig = zod.output<typeof viewsConfig>
