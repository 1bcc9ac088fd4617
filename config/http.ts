/** HTTP: proxies, static files and the order of middleware. The port stands in config/local.ts. */
import type { HttpConfigInput } from 'catamaran'

export const http = {
  // Behind a load balancer: how many proxies to trust, so that `req.ip` and `req.secure` are
  // the visitor's.
  // trustProxy: 1,
  // Folder of files that are served as they are; `false` for none.
  // static: 'assets',
  // How many milliseconds browsers may keep those files.
  // cache: 0,
  // Largest request body.
  // bodyLimit: '100kb',
  // Functions of your own, by name, and where they run among the built-in ones.
  // middleware: {
  //   order: ['requestId', 'helmet', 'health', 'static', 'cookies', 'session', 'body', 'stamp', 'router'],
  //   stamp: (req, res, next) => next(),
  // },
} satisfies HttpConfigInput
