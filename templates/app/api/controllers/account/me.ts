import type { Action } from 'catamaran'

/** GET /me: what the session holds, and which way the question came. */
const me: Action = (req) => {
  const { userId = null, note = null } = req.session
  return { userId, note, via: req.isSocket ? 'socket' : 'http' }
}

export default me
