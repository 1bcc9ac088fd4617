/**
 * An app's own responses: `api/responses/expired.ts` is `res.expired()`, on both doors. As in Sails, the
 * function finds the request and the response in `this`; one named like a standard response replaces it.
 */
import type { Request, Response } from 'express'
import { importFolder } from './files.ts'
import { isHandler } from './handler.ts'
import type { Problem } from './problems.ts'

/** A response: what it is called with comes from the action. */
export type OwnResponse = (
  this: { readonly req: Request; readonly res: Response },
  ...given: unknown[]
) => unknown

export interface LoadedResponses {
  /** By method name. */
  readonly responses: ReadonlyMap<string, OwnResponse>
  readonly problems: readonly Problem[]
}

/** Members of a response that everything else stands on. */
const taken =
  /^(send|sendStatus|sendFile|json|jsonp|status|redirect|render|view|set|get|header|end|write|writeHead|cookie|clearCookie|type|format|vary|location|links|append|attachment|download|on|once|emit|locals|req|app|constructor|toString)$/

/** The method behind a file's name: `not-found` is `notFound`. */
export function methodOf(path: string): string {
  return path.replaceAll(/-+(\w)/g, (_all, letter: string) => letter.toUpperCase())
}

/** What is wrong with the name of such a method, and how to mend it; `undefined` where nothing is. */
export function faultOf(method: string): [what: string, fix: string] | undefined {
  if (!/^[a-z]\w*$/i.test(method)) {
    return ['names no method', 'Call it as in res.expired: expired.ts.']
  }
  return taken.test(method) ? [`would hide res.${method}`, 'Choose another name.'] : undefined
}

/** Reads `api/responses/*`; `not-found.ts` and `notFound.ts` are both `res.notFound`. */
export async function loadResponses(root: string): Promise<LoadedResponses> {
  const { files, problems } = await importFolder(root, 'api/responses')
  const all = [...problems]
  const responses = new Map<string, OwnResponse>()
  for (const { file, name: path, main } of files) {
    const name = methodOf(path)
    const tell = (what: string, fix: string) => all.push({ where: file, what, fix })
    const fault = faultOf(name)
    if (fault) tell(...fault)
    else if (responses.has(name)) tell(`is res.${name}, as is another file`, 'Remove one.')
    else if (!isHandler(main)) {
      tell('exports no function as default', 'Write `export default function () { this.res … }`.')
    } else responses.set(name, main as unknown as OwnResponse)
  }
  return { responses, problems: all }
}

/** Gives an Express app's own `app.response` these responses; never the one all apps share. */
export function installOwnResponses(
  prototype: object,
  responses: ReadonlyMap<string, OwnResponse>,
): void {
  for (const [name, respond] of responses) {
    const value = function (this: Response, ...given: unknown[]): unknown {
      return respond.apply({ req: this.req, res: this }, given)
    }
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true })
  }
}
