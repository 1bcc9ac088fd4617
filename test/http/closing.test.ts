import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClosing } from '../../src/http/closing.ts'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

/** An app with an action that answers when it is let go. */
async function slowApp() {
  const gate = Promise.withResolvers<void>()
  const entered: Request[] = []
  const app = await liftFiles(
    {},
    {
      routes: {
        'GET /slow': async (req: Request) => {
          entered.push(req)
          await gate.promise
          req.session.seen = req.query['n']
          return `slow ${req.query['n']}`
        },
        'GET /quick': () => 'quick',
        'GET /large': (_req: Request, res: Response) => {
          res.end(Buffer.alloc(large, 'x'))
        },
      },
    },
  )
  const inside = async (count: number) => {
    while (entered.length < count) await sleep(5)
  }
  return { ...app, open: gate.resolve, inside }
}

declare global {
  namespace Catamaran {
    interface SessionData {
      seen?: unknown
    }
  }
}

const large = 20_000_000

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  return agent
}

async function secondsOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work
  return (performance.now() - began) / 1000
}

describe('an app that is lowered', () => {
  it('finishes what is under way and refuses what is new', async () => {
    const { url, app, open, inside } = await slowApp()
    const agent = keepAlive()
    await ask(url, '/quick', { agent: keepAlive() })
    const slow = Array.from({ length: 20 }, (_, n) => ask(url, `/slow?n=${n}`, { agent }))
    await inside(20)

    const lowered = app.lower()
    const late = await ask(url, '/quick').catch((error: NodeJS.ErrnoException) => error.code)
    open()
    const answers = await Promise.all(slow)

    expect(late).toBe('ECONNREFUSED')
    expect(answers.map(({ body }) => body)).toEqual(slow.map((_, n) => `slow ${n}`))
    expect(answers.map(({ headers }) => headers.connection)).toEqual(slow.map(() => 'close'))
    expect(answers.every(({ headers }) => headers['set-cookie'])).toBe(true)
    expect(await secondsOf(lowered)).toBeLessThan(1)
  })

  it('does not wait for clients that keep their connection', async () => {
    const { url, app } = await slowApp()
    const agent = keepAlive()
    await ask(url, '/quick', { agent })

    expect(await secondsOf(app.lower())).toBeLessThan(0.4)
  })

  it('does not wait long for connections on which nothing was asked', async () => {
    const { app, port } = await slowApp()
    const spare = connect(port, 'localhost')
    onTestFinished(() => void spare.destroy())
    await once(spare, 'connect')

    expect(await secondsOf(app.lower())).toBeLessThan(2)
  })

  it('does not wait for sockets', async () => {
    const { app, browser } = await slowApp()
    await browser().emit('GET /quick')

    expect(await secondsOf(app.lower())).toBeLessThan(0.4)
  })

  it('does not wait for sockets that poll on a connection they keep', async () => {
    const { app, url } = await slowApp()
    const agent = keepAlive()
    const path = '/socket.io/?EIO=4&transport=polling'
    const { body } = await ask(url, path, { agent })
    const { sid } = JSON.parse(body.slice(1))
    await ask(url, `${path}&sid=${sid}`, { agent, method: 'POST', body: '40' })
    await ask(url, `${path}&sid=${sid}`, { agent })
    const poll = ask(url, `${path}&sid=${sid}`, { agent })
    await sleep(50)

    expect(await secondsOf(app.lower())).toBeLessThan(0.4)
    await poll
  })

  it('sends the whole of an answer that is on its way', async () => {
    const { app, port } = await slowApp()
    const asked = request({ port, path: '/large', agent: keepAlive() }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]

    const lowered = app.lower()
    await sleep(50)
    const body = await text(answer)

    expect(body).toHaveLength(large)
    await lowered
  })

  it('serves what a kept connection still asks, and says that it was the last', async () => {
    const { url, app, open, inside } = await slowApp()
    const agent = keepAlive()
    await ask(url, '/quick', { agent })
    const slow = ask(url, '/slow?n=1')
    await inside(1)

    const lowered = app.lower()
    const late = await ask(url, '/health/live', { agent })
    open()

    expect(late).toMatchObject({ status: 200, headers: { connection: 'close' } })
    expect((await slow).body).toBe('slow 1')
    await lowered
  })

  it('can be lowered twice, and lifted again', async () => {
    const { app } = await slowApp()
    await Promise.all([app.lower(), app.lower()])
    await app.lower()

    const { url } = await app.lift()

    expect((await ask(url, '/quick')).body).toBe('quick')
  })
})

describe('a server that is closed', () => {
  it('cuts what is not finished when patience ends', async () => {
    const server = createServer(() => {})
    const { close } = createClosing(server)
    await once(server.listen(0), 'listening')
    const { port } = server.address() as AddressInfo
    const stuck = ask(`http://localhost:${port}`, '/').catch((error: Error) => error.message)
    await once(server, 'request')

    expect(await secondsOf(close(0.2))).toBeLessThan(1)
    expect(await stuck).toBe('socket hang up')
  })

  it('was perhaps never open', async () => {
    await expect(createClosing(createServer()).close(1)).resolves.toBeUndefined()
  })
})
