/**
 * The whole configuration as one schema: the top-level values and one schema per subject.
 * Subjects no schema knows (an app's own, or Sails') pass unchecked.
 */
import type * as zod from 'zod'
import { type AppConfigInput, appConfig } from './app.ts'
import { globalsConfig } from './globals.ts'
import { httpConfig } from './http.ts'
import { logConfig } from './log.ts'
import { policiesConfig } from './policies.ts'
import { routesConfig } from './routes.ts'
import { securityConfig } from './security.ts'
import { type SessionConfigInput, sessionConfig } from './session.ts'
import { socketsConfig } from './sockets.ts'
import { viewsConfig } from './views.ts'
import { z } from './zod.ts'

/** The subjects that have a schema: one file each in `config/`. */
export const subjects = {
  session: sessionConfig,
  http: httpConfig,
  sockets: socketsConfig,
  routes: routesConfig,
  policies: policiesConfig,
  security: securityConfig,
  log: logConfig,
  globals: globalsConfig,
  views: viewsConfig,
} as const

/** The schema of everything. */
export const configSchema = z.looseObject({ ...appConfig.shape, ...subjects })

/** True for names that may stand in a path: `production`, not `../elsewhere`. */
export function isEnvironmentName(name: unknown): boolean {
  return appConfig.shape.environment.safeParse(name).success
}

/** Everything the schema checks. */
export type Checked = zod.output<typeof configSchema>

type Subjects = {
  readonly [Name in Exclude<keyof typeof subjects, 'session'>]?: Partial<
    zod.input<(typeof subjects)[Name]>
  >
} & { readonly session?: SessionConfigInput }

/** Several subjects by name, as in `config/local.ts`: any of their keys, and subjects of the app's own. */
export interface Overrides extends Partial<AppConfigInput>, Subjects {
  readonly [subject: string]: unknown
}

/** The checked configuration of an app. */
export type Config = Checked & {
  /** The app's folder, absolute. */
  readonly root: string
}
