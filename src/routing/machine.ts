/**
 * Sails' actions of one object, `{ inputs, exits, fn }`, as handlers. Loaded when an app has one.
 */
import type { Request, Response } from 'express'
import { isPlain } from '../config/layers.ts'
import { type InputProblem, refuseInputs } from './define-action.ts'
import { type Exits, follow, Leaving, sayExit } from './exits.ts'
import type { Handler } from './handler.ts'
import { compileInput, type ReadInput } from './input-types.ts'

type Report = (what: string, fix: string) => unknown

/** What `fn` gets as its second parameter: `exits.success(value)`, `exits.notFound()`, `exits(error, value)`. */
type Callbacks = ((error: unknown, output?: unknown) => void) &
  Record<string, (output?: unknown) => void>

/** Makes a handler of a declaration whose `fn` is a function; mistakes in it are reported. */
export function machineHandler(declaration: Record<string, unknown>, report: Report): Handler {
  const { inputs, fn } = declaration
  const readers = Object.entries(isPlain(inputs) ? inputs : {}).map(
    ([name, input]) => [name, compileInput(name, input, report)] as const,
  )
  const exits = exitsOf(declaration['exits'], report)

  return async function action(req, res) {
    const { values, problems } = read(readers, req)
    if (problems.length > 0) {
      refuseInputs(res, problems)
      return undefined
    }
    const run = fn as (...given: unknown[]) => unknown
    try {
      return await follow(exits, res, () => call(run, { values, exits, req, res }))
    } catch (error) {
      sayExit(res, 'error', 'An unexpected error occurred.')
      throw error
    }
  }
}

function exitsOf(given: unknown, report: Report): Exits {
  const entries = Object.entries(isPlain(given) ? given : {}).filter(([name, exit]) => {
    const isFine = isPlain(exit)
    if (!isFine) report(`exit '${name}' is no object`, 'Write { statusCode: 404 }.')
    return isFine
  })
  return { success: { description: 'Done.' }, ...Object.fromEntries(entries) }
}

function read(readers: readonly (readonly [string, ReadInput])[], req: Request) {
  const given = req.allParams()
  const values: Record<string, unknown> = {}
  const problems: InputProblem[] = []
  for (const [name, reader] of readers) {
    const result = reader(Object.hasOwn(given, name) ? given[name] : undefined)
    if ('why' in result) problems.push({ field: name, message: result.why })
    else if (result.value !== undefined) values[name] = result.value
  }
  return { values, problems }
}

interface Call {
  readonly values: object
  readonly exits: Exits
  readonly req: Request
  readonly res: Response
}

/** A function that takes `exits` is over when it calls one; any other when it returns. */
function call(
  fn: (...given: unknown[]) => unknown,
  { values, exits, req, res }: Call,
): Promise<unknown> {
  const self = { req, res }
  if (fn.length < 2) return Promise.resolve(fn.call(self, values))
  return new Promise((resolve, reject) => {
    const out = (exit: string) => (output?: unknown) => {
      if (exit === 'error' && !Object.hasOwn(exits, 'error')) {
        reject(output instanceof Error ? output : new Error(String(output ?? 'error')))
      } else reject(new Leaving(exit, output))
    }
    const done = (error: unknown, output?: unknown) => (error ? reject(error) : resolve(output))
    const names = [...Object.keys(exits), 'error']
    const callbacks = Object.assign(
      done,
      Object.fromEntries(names.map((name) => [name, out(name)])),
    )
    Promise.resolve(fn.call(self, values, callbacks as unknown as Callbacks)).catch(reject)
  })
}
