/**
 * Actions with declared inputs: checked before the action runs, typed in it, the same on both doors.
 */
import type { Request, Response } from 'express'
import type { Issue, StandardSchema } from '../config/data-schema.ts'
import { CatamaranError } from '../errors.ts'
import { type Exits, follow, quit } from './exits.ts'
import type { Handler } from './handler.ts'

/** What an action's inputs are, once its schema has read them. */
export type InputsOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/** What an action has beside its inputs. */
export interface ActionContext<Name extends string = string> {
  readonly req: Request
  readonly res: Response
  /** Leaves by an exit, with a value if it has one; nothing after it runs. */
  exit(name: Name, output?: unknown): never
}

/** An action with declared inputs. */
export interface ActionDefinition<S extends StandardSchema, E extends Exits> {
  /** For people. */
  readonly description?: string
  /** A schema of zod, or of any library that follows Standard Schema. */
  readonly inputs?: S
  /** By name: how each way out is answered. */
  readonly exits?: E
  /** What it returns is the answer; nothing: it answers by `res`, or the answer is `OK`. */
  run(inputs: InputsOf<S>, context: ActionContext<keyof E & string>): unknown
}

/** One input that does not fit: its name, empty where it is about all of them, and why. */
export interface InputProblem {
  readonly field: string
  readonly message: string
}

/**
 * Makes an action of its declaration. Inputs are the values of path, body and query, in this order; what
 * does not fit the schema is answered with 400 `E_MISSING_OR_INVALID_PARAMS`, one problem per field.
 */
export function defineAction<S extends StandardSchema = StandardSchema, E extends Exits = Exits>(
  definition: ActionDefinition<S, E>,
): Handler {
  const { inputs: schema, run } = definition
  const exits: Exits = { success: {}, ...definition.exits }

  return async function action(req, res) {
    const result = await schema?.['~standard'].validate(req.allParams())
    if (result?.issues) return refuseInputs(res, result.issues.flatMap(problemsOf))
    const inputs = (result ? result.value : req.allParams()) as InputsOf<S>
    return follow(exits, res, () => run.call(definition, inputs, { req, res, exit: quit }))
  }
}

/** Answers that inputs do not fit: as Sails' texts, and by field. */
export function refuseInputs(res: Response, problems: readonly InputProblem[]): void {
  const fields: Record<string, string> = Object.create(null)
  for (const { field, message } of problems) fields[field] ??= message
  const names = Object.keys(fields)
  const { code, message } = new CatamaranError('E_MISSING_OR_INVALID_PARAMS', [names.join(', ')])
  const lines = names.map((name) => (name ? `"${name}": ${fields[name]}` : fields[name]))
  res.badRequest({ code, message, problems: lines, fields: { ...fields } })
}

/** An object of zod that is strict has one issue for all the keys it does not know. */
function problemsOf(issue: Issue): InputProblem[] {
  const { path = [], message } = issue
  const names = path.map((step) => String(typeof step === 'object' ? step.key : step))
  const unknown: unknown = Reflect.get(issue, 'keys')
  if (!Array.isArray(unknown)) return [{ field: names.join('.'), message }]
  return unknown.map((key) => ({ field: [...names, key].join('.'), message }))
}
