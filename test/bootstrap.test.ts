import { afterEach, describe, expect, it } from 'vitest'
import { liftFiles } from './support/lift-files.ts'

const traces: unknown[] = []
afterEach(() => Reflect.deleteProperty(globalThis, 'traces'))

/** Lifts an app whose bootstrap may leave its trace in `globalThis.traces`. */
function lift(bootstrap: string, more: Record<string, string> = {}) {
  traces.length = 0
  Reflect.set(globalThis, 'traces', traces)
  return liftFiles({ 'config/bootstrap.cjs': bootstrap, ...more })
}

describe('config/bootstrap', () => {
  it.each([
    ['async', 'async function () { await 1; traces.push("ran") }'],
    ['calling back', 'function (done) { setTimeout(() => { traces.push("ran"); done() }, 20) }'],
    ['plain', 'function () { traces.push("ran") }'],
    ['async with a callback', 'async function (done) { traces.push("ran"); return done() }'],
  ])('%s runs once, before the doors are open', async (_kind, text) => {
    await lift(`module.exports.bootstrap = ${text}`)

    expect(traces).toEqual(['ran'])
  })

  it.each([
    ['throws', 'async () => { throw new Error("no luck") }', /no luck/],
    ['calls back with an error', '(done) => done(new Error("no luck"))', /no luck/],
    ['is no function', '5', /it is no function/],
  ])('that %s keeps the app from lifting', async (_kind, text, words) => {
    const failure = lift(`module.exports.bootstrap = ${text}`)

    await expect(failure).rejects.toMatchObject({
      code: 'E_BOOTSTRAP',
      message: expect.stringMatching(words),
    })
  })

  it('finds the global sails with its custom settings and rooms', async () => {
    await lift(
      `module.exports.bootstrap = async function () {
        traces.push(sails.config.custom, typeof sails.sockets.blast)
      }`,
      {
        'config/custom.cjs': 'module.exports.custom = { site: "https://a.example" }',
        'config/globals.cjs': 'module.exports.globals = { sails: true }',
      },
    )

    expect(traces).toEqual([{ site: 'https://a.example' }, 'function'])
  })
})

describe('config/custom', () => {
  it('is there for the app and its actions', async () => {
    const { app, browser } = await lift('module.exports.bootstrap = () => {}', {
      'config/custom.cjs': 'module.exports.custom = { site: "https://a.example" }',
      'config/routes.ts': "export const routes = { 'GET /': (req) => req.app.locals.custom }",
    })

    expect(app.config['custom']).toEqual({ site: 'https://a.example' })
    expect(await browser().get('/')).toMatchObject({ body: { site: 'https://a.example' } })
    expect(await browser().emit('GET /')).toMatchObject({ body: { site: 'https://a.example' } })
  })
})
