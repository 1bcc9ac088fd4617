import type { Policy } from '../../../../src/index.ts'

const isLoggedIn: Policy = (req, res, next) => {
  if (req.session.userId) next()
  else res.status(401).end()
}

export default isLoggedIn
