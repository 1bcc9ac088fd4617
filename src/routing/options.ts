/**
 * OPTIONS without a route of its own: what a browser may ask for another site's page, and which verbs
 * there are.
 */
import type { NextFunction, Request, Response } from 'express'
import type { Router } from './routes.ts'

interface Asked {
  readonly req: Request
  readonly res: Response
  readonly next: NextFunction
}

/** Answers for the routes of this path, by the CORS rules of the one that is meant; `next()` where there is none. */
export function answerOptions(router: Router, { req, res, next }: Asked): void {
  const verb = req.get('access-control-request-method')
  const cors = verb && router.match(verb.toUpperCase(), req.path)?.route.cors
  const tellVerbs = () => {
    const verbs = router.verbsOf(req.path)
    if (verbs.length === 0) next()
    else res.set('Allow', verbs.join(', ')).status(200).end()
  }
  if (cors) cors(req, res, tellVerbs)
  else tellVerbs()
}
