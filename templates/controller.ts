import type { Action } from 'catamaran'

/** GET $address, over HTTP and over the socket alike: what it returns is the answer. */
export const find: Action = (req) => {
  return { action: '$name/find', inputs: req.allParams() }
}
