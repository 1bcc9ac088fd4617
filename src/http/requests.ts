/**
 * Express's own requests, for what comes by none of its routes: address and protocol as the trusted proxies
 * tell them.
 */
import express, { type Request } from 'express'

/** @param trustProxy - Express's `trust proxy` */
export function requestPrototype(trustProxy: unknown): Request {
  const app = express()
  app.set('trust proxy', trustProxy)
  return app.request
}
