/**
 * The exits of an action with declared inputs: how each way out is answered, the same on both doors.
 * `success` is 200 and anything thrown that names no exit is an error as everywhere else.
 */
import type { Request, Response } from 'express'
import { isPlain } from '../config/layers.ts'
import { statusText } from '../errors.ts'
import { sendText } from './failures.ts'
import { isAnswer } from './handler.ts'
import { sendValue } from './values.ts'

/** One way out of an action. */
export interface Exit {
  /** For people; sent as `X-Exit-Description` outside of production. */
  readonly description?: string
  /** 200 for `success`, 500 for any other that says nothing. */
  readonly statusCode?: number
  /**
   * `''`: the value itself; `'redirect'`: the value is the address; `'status'`: no value; else a
   * response: `'notFound'` is `res.notFound(value)`.
   */
  readonly responseType?: string
  /** The page of an exit with the response type `'view'`. */
  readonly viewTemplatePath?: string
}

export type Exits = Readonly<Record<string, Exit | undefined>>

/** What an action threw or gave to an exit: its name and its value. */
export interface Left {
  readonly exit: string
  readonly output: unknown
}

/** How an action leaves by an exit from wherever it is. */
export class Leaving extends Error {
  readonly exit: string
  readonly output: unknown

  constructor(exit: string, output: unknown) {
    super(`The action left by '${exit}'`)
    this.exit = exit
    this.output = output
  }
}

/** Leaves by an exit. */
export function quit(exit: string, output?: unknown): never {
  throw new Leaving(exit, output)
}

/** Whether what was thrown names an exit, as in `throw 'notFound'` and `throw { notFound: value }`. */
function readExit(thrown: unknown, exits: Exits): Left | undefined {
  if (thrown instanceof Leaving) return thrown
  if (typeof thrown === 'string') {
    return Object.hasOwn(exits, thrown) ? { exit: thrown, output: undefined } : undefined
  }
  if (!isPlain(thrown)) return undefined
  const [[exit, output] = [''], ...more] = Object.entries(thrown)
  return more.length === 0 && Object.hasOwn(exits, exit) ? { exit, output } : undefined
}

/** Does an action's work, and answers through the exit it leaves by; where it gives `res`, it answers by that. */
export async function follow(exits: Exits, res: Response, work: () => unknown): Promise<undefined> {
  try {
    const output = await work()
    if (isAnswer(output, res)) leave({ exit: 'success', output }, exits, res)
  } catch (error) {
    const left = readExit(error, exits)
    if (!left) throw error
    leave(left, exits, res)
  }
}

/** Answers through an exit, and says which it was. */
function leave({ exit, output }: Left, exits: Exits, res: Response): void {
  // What has been answered stays answered.
  if (res.headersSent || res.writableEnded) return
  const { description, statusCode, responseType, viewTemplatePath } = exits[exit] ?? {}
  const status = statusCode ?? (exit === 'success' ? 200 : 500)
  sayExit(res, exit, description)
  if (responseType === 'redirect') res.redirect(statusCode ?? 302, String(output))
  else if (responseType === 'view') show(res.status(status), String(viewTemplatePath), output)
  else if (responseType === 'status') res.status(status).end()
  else if (responseType && responseType !== 'standard') answerBy(res, responseType, output)
  else send(res.status(status), output)
}

/** Tells by headers which exit it was. */
export function sayExit(res: Response, exit: string, description?: string): void {
  if (res.headersSent) return
  res.set('X-Exit', exit)
  if (description && !isProduction(res.req)) res.set('X-Exit-Description', oneLine(description))
}

function send(res: Response, output: unknown): void {
  if (output === undefined) sendText(res, statusText(res.statusCode))
  else if (output instanceof Error) res.json({ message: output.message })
  else sendValue(res, output)
}

/** A response of the app, or a standard one; `error` is Sails' word for the last resort. */
function answerBy(res: Response, name: string, output: unknown): void {
  const method: unknown = Reflect.get(res, name === 'error' ? 'serverError' : name)
  if (typeof method !== 'function') throw new Error(`There is no response '${name}'`)
  method.call(res, output)
}

function show(res: Response, page: string, output: unknown): void {
  const view: unknown = Reflect.get(res, 'view')
  if (typeof view === 'function') view.call(res, page, output)
  else res.render(page, isPlain(output) ? output : {})
}

function isProduction(req: Request): boolean {
  return req.app.get('env') === 'production'
}

function oneLine(text: string): string {
  return encodeURI(text.replaceAll(/\s+/g, ' ').trim()).replaceAll('%20', ' ')
}
