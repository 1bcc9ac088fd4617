import type { OwnResponse } from 'catamaran'

declare global {
  namespace Express {
    interface Response {
      $name(data?: unknown): this
    }
  }
}

/** res.$name(data), over HTTP and over the socket alike. */
const respond: OwnResponse = function (data) {
  return this.res.status(400).json({ code: '$code', data })
}

export default respond
