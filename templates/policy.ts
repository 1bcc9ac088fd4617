import type { Policy } from 'catamaran'

/** Lets a request on, or refuses it; config/policies says which actions it guards. */
const policy: Policy = (_req, res, next) => {
  const allowed = false // say here who may, as in: Boolean(req.session.userId)
  return allowed ? next() : res.forbidden()
}

export default policy
