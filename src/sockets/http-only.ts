/**
 * What an answer over a socket can't do, and says so: there are no files and no pages.
 */
import type { Response } from 'express'
import { CatamaranError } from '../errors.ts'

/** Members of an event's response that stand before Express's own. */
export const httpOnlyMembers = {
  sendFile() {
    throw new CatamaranError('E_NOT_OVER_SOCKET', ['res.sendFile'])
  },
  download() {
    throw new CatamaranError('E_NOT_OVER_SOCKET', ['res.download'])
  },
  /** In the words of Sails, whose clients may know them. */
  view(this: Response) {
    return this.serverError(new Error('Not implemented in core yet'))
  },
}
