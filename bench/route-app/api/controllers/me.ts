import type { Action } from '../../../../src/index.ts'

const me: Action = (req) => ({ userId: req.session.userId })

export default me
