/**
 * CORS: which pages of other sites may read the answers of a route. Loaded when an app allows any.
 */
import type { Request, Response } from 'express'
import type { CorsRules } from '../config/security.ts'
import type { Handler } from './handler.ts'

/** Makes the step that says it in the answer's headers, and answers a browser that asks beforehand. */
export function createCors(rules: CorsRules): Handler {
  const exposed = rules.allowResponseHeaders.join(',')

  return (req, res, next) => {
    // No browser reads the headers of an acknowledgement.
    if (req.isSocket) {
      next()
      return
    }
    const origin = req.get('origin')
    const asks = req.method === 'OPTIONS' && req.get('access-control-request-method')
    if (allow(rules, origin, res)) {
      if (asks) tellBeforehand(rules, res)
      else if (exposed) res.set('Access-Control-Expose-Headers', exposed)
    }
    if (asks && origin) res.status(204).end()
    else next()
  }
}

function allow(rules: CorsRules, origin: string | undefined, res: Response): boolean {
  if (rules.allowOrigins === '*') {
    res.set('Access-Control-Allow-Origin', '*')
    return true
  }
  // Caches must not give one site's answer to another.
  res.vary('Origin')
  if (origin === undefined || !rules.allowOrigins.includes(origin)) return false
  res.set('Access-Control-Allow-Origin', origin)
  if (rules.allowCredentials) res.set('Access-Control-Allow-Credentials', 'true')
  return true
}

function tellBeforehand(rules: CorsRules, res: Response): void {
  res.set('Access-Control-Allow-Methods', rules.allowRequestMethods.join(','))
  res.set('Access-Control-Allow-Headers', rules.allowRequestHeaders.join(','))
}

/** Whether a request from another site is one the rules invite; without credentials only as a stranger's. */
export function invites(rules: CorsRules | undefined, req: Request): boolean {
  if (!rules) return false
  if (rules.allowOrigins === '*') return req.headers.cookie === undefined
  return rules.allowOrigins.includes(req.get('origin') ?? '')
}
