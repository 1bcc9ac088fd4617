import type { Action } from 'catamaran'
import { findUser } from '../../models/users.ts'

/** GET /account: only for who is logged in; config/policies.ts sees to that. */
const show: Action = (req) => {
  const user = findUser(req.session.userId ?? '')
  return { userId: req.session.userId, name: user?.name ?? null }
}

export default show
