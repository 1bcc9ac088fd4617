import type { Policy } from '../../../../src/index.ts'

const isEditor: Policy = (req, res, next) => {
  if (req.session.note === 'editor') next()
  else res.status(403).end()
}

export default isEditor
