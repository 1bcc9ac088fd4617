import type { Action } from 'catamaran'
import { findUser } from '../../models/users.ts'
import { passwordMatches } from '../../services/passwords.ts'

/**
 * POST /login { user, password }, over HTTP or over the socket.
 * An unknown user and a wrong password get the same answer after the same work: nobody can tell
 * from outside which names exist.
 */
const login: Action = async (req, res) => {
  const { user: name, password } = req.body ?? {}
  if (typeof name !== 'string' || typeof password !== 'string') {
    return res.status(400).json({ code: 'E_LOGIN', message: 'Send user and password as text.' })
  }
  const user = findUser(name)
  const matches = await passwordMatches(password, user?.password)
  if (!user || !matches) {
    return res.status(401).json({ code: 'E_LOGIN', message: 'Wrong user or password.' })
  }
  req.session.userId = user.id // no save call: it is stored before this answer leaves
  return { userId: user.id }
}

export default login
