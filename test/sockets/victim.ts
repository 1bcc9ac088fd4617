/**
 * An app for bad messages, and whether it has survived them.
 */
import { expect } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Files } from '../support/lift-files.ts'
import { connect } from './client.ts'

export const files: Files = {
  'config/routes.mjs': `export default {
    'GET /': () => 'here',
    '/echo': (req) => req.body ?? null,
    '/echo/*': (req) => ({ headers: req.headers, query: req.query, all: req.allParams() }),
    'POST /keep': (req) => { req.session.kept = req.body; return {} },
  }`,
}

/** The app still serves a client that did nothing wrong. */
export async function expectAlive(app: TestApp): Promise<void> {
  const other = await connect(app.url)
  const ack = await other.timeout(3000).emitWithAck('get', { url: '/' })
  expect(ack).toEqual({ statusCode: 200, headers: {}, body: 'here' })
  other.close()
}
