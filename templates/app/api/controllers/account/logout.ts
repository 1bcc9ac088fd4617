import type { Action } from 'catamaran'

/** POST /logout: ends the session and every socket that hangs on it. */
const logout: Action = async (req) => {
  await req.session.destroy()
  return { userId: null }
}

export default logout
