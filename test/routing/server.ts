/** A real Express app on a free port, with what routing gives to its requests and responses. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import { onTestFinished } from 'vitest'
import { createErrorAnswer, type Disclosure } from '../../src/routing/failures.ts'
import { installRequest } from '../../src/routing/requests.ts'
import { installResponses } from '../../src/routing/responses.ts'

type Action = (req: Request, res: Response) => unknown

/** Serves one action at `/` and `/user/:id`; errors are answered by `createErrorAnswer`. */
export async function serve(action: Action, disclosure: Disclosure = { production: false }) {
  const app = express()
  const answerError = createErrorAnswer(disclosure)
  installRequest(app.request)
  installResponses(app.response, disclosure)
  app.use(express.json())
  app.all(['/', '/user/:id'], async (req, res) => {
    // A socket's own req says so itself; here a header stands for the door.
    if (req.get('x-door') === 'socket') Object.defineProperty(req, 'isSocket', { value: true })
    try {
      await action(req, res)
    } catch (error) {
      answerError(error, req, res)
    }
  })
  app.use((error: unknown, req: Request, res: Response, _next: unknown) => {
    answerError(error, req, res)
  })

  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { url, get: (headers: Headers = {}) => fetch(url, { headers }) }
}

type Headers = Readonly<Record<string, string>>

/** Headers of the three kinds of callers. */
export const socket: Headers = { 'x-door': 'socket' }
export const browser: Headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
export const program: Headers = { accept: 'application/json' }
