import type { Policy } from 'catamaran'

/** Lets a visitor on who has logged in; config/policies.ts says where. */
const isLoggedIn: Policy = (req, res, next) => {
  if (req.session.userId) return next()
  return res.status(401).json({ code: 'E_LOGIN', message: 'Log in first.' })
}

export default isLoggedIn
