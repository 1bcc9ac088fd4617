import type { Action } from '../../../../src/index.ts'

const login: Action = (req) => {
  Object.assign(req.session, { userId: 'ada', note: 'editor' })
  return { ok: true }
}

export default login
