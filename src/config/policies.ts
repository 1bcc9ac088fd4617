/**
 * `config/policies.ts`: who may run which action. Only the outer shape is checked here;
 * routing finds the policies and applies the most specific key.
 */
import type { NextFunction, Request, Response } from 'express'
import type * as zod from 'zod'
import { z } from './zod.ts'

/** A policy in the table itself; written as a method so that handlers typed for Express fit. */
export type PolicyFunction = {
  run(req: Request, res: Response, next: NextFunction): unknown
}['run']

/** Always, never, a policy's name, a function, or several that must all let pass. */
export type PolicyRule = boolean | string | PolicyFunction | readonly (string | PolicyFunction)[]

/** A rule, or Sails' older form: a controller with a rule for each of its actions. */
export type PolicyEntry = PolicyRule | { readonly [action: string]: PolicyRule }

const entry = z.custom<PolicyEntry>(
  (value) =>
    ['boolean', 'string', 'function', 'object'].includes(typeof value) &&
    value !== null &&
    value !== '',
  "must be true, false, a policy's name, a function, or a list of these",
)

/** The schema of `config/policies.ts`. */
export const policiesConfig = z.record(z.string(), entry)

/** What an app writes in `config/policies.ts`. */
export type PoliciesConfigInput = zod.input<typeof policiesConfig>

/** What the framework reads. */
export type PoliciesConfig = zod.output<typeof policiesConfig>
