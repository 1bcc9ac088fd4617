import type { Action } from 'catamaran'

/** GET $address, over HTTP and over the socket alike: what it returns is the answer. */
const action: Action = (req) => {
  return { action: '$name', inputs: req.allParams() }
}

export default action
