/**
 * A SocketStream app on a real server, and visitors who come by both transports.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import {
  type SocketStream,
  type SocketStreamOptions,
  socketstream,
} from '../../src/compat/socketstream.ts'
import { type Browser, createBrowser } from '../../src/testing/browser.ts'
import { appFolder, type Files } from '../support/app-folder.ts'

/** The file of the document, which hands out what it sees. */
export const documented: Files = {
  'server/rpc/app.js': `
    exports.actions = function(req, res, ss) {

      // Load session data into req.session
      req.use('session');

      return {
        getSession: function() {
          res(req.session);
        },
        updateSession: function(){
          req.session.myVar = 1234;
          req.session.cart = {items: 3, checkout: false};
          req.session.save(function(err){
            res(err === undefined || err === null, req.session.myVar);
          });
        }
      }
    }`,
}

export interface Visitor {
  readonly browser: Browser
  /** Calls an action, and gives the first of its results. */
  rpc(method: string, ...params: unknown[]): Promise<unknown>
  /** What a page says. */
  page(path: string): Promise<unknown>
}

export interface StreamApp {
  readonly ss: SocketStream
  readonly url: string
  /** What was logged: advice and errors. */
  readonly warnings: string[]
  readonly errors: unknown[]
  visitor(): Visitor
}

export interface AppPlan extends Omit<SocketStreamOptions, 'root' | 'log'> {
  readonly files?: Files
  /** What the document has in app.js. */
  app?(ss: SocketStream): void
  /** Serves pages in place of `ss.http.middleware`. */
  listener?(ss: SocketStream): RequestListener
}

/** Starts the document's app unless told otherwise. */
export async function startStream({ files = documented, app, listener, ...options }: AppPlan = {}) {
  const warnings: string[] = []
  const errors: unknown[] = []
  const log = {
    warn: (said: string) => void warnings.push(said),
    error: (said: unknown) => void errors.push(said),
  }
  const root = await appFolder(files, 'commonjs')
  const ss = socketstream({ ...options, root, log })
  app?.(ss)
  const server = createServer(listener?.(ss) ?? ss.http.middleware).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await ss.start(server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browsers: Browser[] = []
  onTestFinished(async () => {
    for (const browser of browsers) browser.close()
    await ss.stop()
    server.close()
    server.closeAllConnections()
  })

  function visitor(): Visitor {
    const browser = createBrowser(url)
    browsers.push(browser)
    return {
      browser,
      rpc: async (method, ...params) => {
        const socket = await browser.socket()
        return socket.timeout(5000).emitWithAck('rpc', method, ...params)
      },
      page: async (path) => (await browser.get(path)).body,
    }
  }
  const started: StreamApp = { ss, url, warnings, errors, visitor }
  return started
}
