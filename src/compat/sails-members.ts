/**
 * What actions of Sails find on `req` and `res` beyond Express, on both doors.
 */
import type { Request, Response } from 'express'
import { CatamaranError } from '../errors.ts'
import type { RouteMatch } from '../routing/routes.ts'
import type { Walk } from '../walk.ts'

/** The prototypes of one Express app; never those all apps share. */
interface Dressed {
  readonly request: object
  readonly response: object
}

/** Gives an app's requests and responses the members of Sails. */
export function installSailsMembers(
  { request, response }: Dressed,
  sails: object,
  matchOf: Walk['matchOf'],
): void {
  const options = lazy('options', (req) => optionsOf(matchOf(req)?.route))
  install(request, { ...requestMembers, options, _sails: { value: sails } })
  install(response, { ...responseMembers, status: statusOver(response as Response) })
}

function install(prototype: object, members: PropertyDescriptorMap): void {
  const open = Object.entries(members).map(([name, member]) => {
    const isData = 'value' in member
    return [name, { ...member, configurable: true, ...(isData && { writable: true }) }] as const
  })
  Object.defineProperties(prototype, Object.fromEntries(open))
}

/** A member that is made when it is first asked for, and can be set. */
function lazy(name: string, make: (req: Request) => unknown): PropertyDescriptor {
  function put(this: object, value: unknown): void {
    Object.defineProperty(this, name, { value, writable: true, configurable: true })
  }
  return {
    get(this: Request) {
      const value = make(this)
      put.call(this, value)
      return value
    },
    set: put,
  }
}

/** Express 4, which Sails has, takes a status that is a text, such as one out of the address. */
function statusOver({ status }: Response): PropertyDescriptor {
  return {
    value(this: Response, code: number | string) {
      return status.call(this, typeof code === 'string' ? Number(code) : code)
    },
  }
}

/** What stands beside the target, and the action at its end by its name: functions and pages have none. */
function optionsOf(route: RouteMatch['route'] | undefined): object {
  const action = route?.target.split(', ').at(-1)
  const hasName = action && action !== 'function' && !action.includes(' ')
  return { ...route?.options.own, ...(hasName && { action }) }
}

const requestMembers: PropertyDescriptorMap = {
  port: lazy('port', (req) => Number(/:(\d+)$/.exec(req.get('host') ?? '')?.[1]) || undefined),
  _startTime: lazy('_startTime', () => new Date()),
  rawHeaders: lazy('rawHeaders', (req) => Object.entries(req.headers).flat()),
  /** A list's values go by their number. */
  allParams: {
    value(this: Request) {
      return { ...this.query, ...Object(this.body), ...this.params }
    },
  },
  setLocale: { value: () => {} },
  file: {
    value(this: Request) {
      throw new CatamaranError(this.isSocket ? 'E_UPLOAD_OVER_SOCKET' : 'E_NO_SKIPPER')
    },
  },
}

const responseMembers: PropertyDescriptorMap = {
  jsonx: {
    value(this: Response, data: unknown) {
      return typeof data === 'string' ? this.send(data) : this.json(data)
    },
  },
  /** Answers an error by the response of its status, as Sails' old `res.negotiate` does. */
  negotiate: {
    value(this: Response, error: unknown) {
      const status: unknown = Reflect.get(Object(error), 'status')
      if (status === 403) return this.forbidden()
      if (status === 404) return this.notFound()
      const isTheirs = typeof status === 'number' && status >= 400 && status < 500
      return isTheirs ? this.badRequest(error) : this.serverError(error)
    },
  },
}
