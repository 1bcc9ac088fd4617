import { pathToFileURL } from 'node:url'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { defineAction } from '../../src/index.ts'
import { testApp } from '../../src/testing/app.ts'
import { appFolder, liftFiles, strongSecret } from '../support/lift-files.ts'

const signup = defineAction({
  inputs: z.object({
    email: z.email(),
    age: z.coerce.number().min(18),
    team: z.string().optional(),
  }),
  exits: {
    taken: { statusCode: 409, description: 'Someone  has\nthis address' },
    elsewhere: { responseType: 'redirect' },
    refused: { responseType: 'forbidden' },
  },
  run(inputs, { req, exit }) {
    expectTypeOf(inputs).toEqualTypeOf<{ email: string; age: number; team?: string | undefined }>()
    if (inputs.email.startsWith('taken')) exit('taken', { email: inputs.email })
    if (inputs.email.startsWith('old')) throw 'refused'
    if (inputs.email.startsWith('far')) throw { elsewhere: '/far' }
    if (inputs.email.startsWith('bad')) throw new Error('a fault')
    return { ...inputs, socket: req.isSocket }
  },
})

const routes = {
  'POST /signup/:team': signup,
  'POST /strict': defineAction({
    inputs: z.strictObject({ a: z.string(), in: z.strictObject({}) }),
    run: () => 'taken',
  }),
  'GET /nothing': defineAction({ run: () => undefined }),
  'GET /self': defineAction({
    run: (_inputs, { res }) => void res.status(202).json({ by: 'res' }),
  }),
  'GET /later': defineAction({
    inputs: z.object({ n: z.string().refine(async (n) => n !== '1', 'is taken') }),
    run: ({ n }) => n,
  }),
}

const lift = async () => (await liftFiles({}, { routes })).browser()

describe('an action with declared inputs', () => {
  it('gets what its schema makes of path, query and body, on both doors', async () => {
    const visitor = await lift()
    const data = { email: 'ada@example.com', age: '36', more: true }
    const expected = { email: 'ada@example.com', age: 36, team: 'red' }

    const http = await visitor.post('/signup/red', data)
    const socket = await visitor.emit('POST /signup/red', data)

    expect(http).toMatchObject({ status: 200, body: { ...expected, socket: false } })
    expect(socket).toMatchObject({ statusCode: 200, body: { ...expected, socket: true } })
    expect(http.body).not.toHaveProperty('more')
    expect(http.headers.get('x-exit')).toBe('success')
  })

  it('answers 400 with a problem per field, on both doors', async () => {
    const visitor = await lift()
    const expected = {
      code: 'E_MISSING_OR_INVALID_PARAMS',
      message: 'Missing or invalid: email, age',
      problems: [expect.stringMatching(/^"email": /), expect.stringMatching(/^"age": /)],
      fields: { email: expect.any(String), age: expect.any(String) },
    }

    const http = await visitor.post('/signup/red', { email: 'no', age: 3 })
    const socket = await visitor.emit('POST /signup/red', { email: 'no', age: 3 })

    expect(http).toMatchObject({ status: 400, body: expected })
    expect(socket).toMatchObject({ statusCode: 400, body: expected })
  })

  it('names each input that it does not know, where its schema is strict', async () => {
    const visitor = await lift()
    const fields = { b: expect.stringMatching(/"b"/), 'in.c': expect.stringMatching(/"c"/) }

    const { status, body } = await visitor.post('/strict', { a: 'x', b: 1, in: { c: 1 } })

    expect({ status, body }).toMatchObject({ status: 400, body: { fields } })
    expect(body).toHaveProperty('message', 'Missing or invalid: in.c, b')
  })

  it('leaves by an exit that it throws, or that it names with a value', async () => {
    const visitor = await lift()
    const ask = (email: string) => visitor.post('/signup/red', { email, age: 20 })

    const taken = await ask('taken@example.com')
    const refused = await ask('old@example.com')
    const far = await ask('far@example.com')

    expect(taken).toMatchObject({ status: 409, body: { email: 'taken@example.com' } })
    expect(taken.headers.get('x-exit')).toBe('taken')
    expect(taken.headers.get('x-exit-description')).toBe('Someone has this address')
    expect(refused).toMatchObject({ status: 403, body: { code: 'E_FORBIDDEN' } })
    expect(far.status).toBe(302)
    expect(far.headers.get('location')).toBe('/far')
  })

  it('describes no exit in production', async () => {
    const overrides = { routes, session: { secret: strongSecret } }
    const environment = { NODE_ENV: 'production' }
    const app = await testApp(await appFolder({}), overrides, { environment })
    onTestFinished(() => app.close())

    const answer = await app.browser().post('/signup/a', { email: 'taken@example.com', age: 20 })

    expect(answer.headers.get('x-exit')).toBe('taken')
    expect(answer.headers.has('x-exit-description')).toBe(false)
  })

  it('fails as any other when it throws an error', async () => {
    const visitor = await lift()

    const answer = await visitor.post('/signup/red', { email: 'bad@example.com', age: 20 })

    expect(answer).toMatchObject({ status: 500, body: { message: 'a fault' } })
  })

  it('may answer by itself, or return nothing', async () => {
    const visitor = await lift()

    expect(await visitor.get('/nothing')).toMatchObject({ status: 200, body: 'OK' })
    expect(await visitor.emit('GET /nothing')).toMatchObject({ statusCode: 200, body: 'OK' })
    expect(await visitor.get('/self')).toMatchObject({ status: 202, body: { by: 'res' } })
    expect(await visitor.emit('GET /self')).toMatchObject({ statusCode: 202, body: { by: 'res' } })
  })

  it('waits for a schema that answers later', async () => {
    const visitor = await lift()

    expect(await visitor.get('/later?n=2')).toMatchObject({ status: 200, body: '2' })
    expect(await visitor.get('/later?n=1')).toMatchObject({
      status: 400,
      body: { fields: { n: 'is taken' } },
    })
  })

  it('can be a file of its own', async () => {
    const index = pathToFileURL(`${import.meta.dirname}/../../src/index.ts`).href
    const app = await liftFiles({
      'config/routes.ts': "export const routes = { 'GET /hello/:name': 'hello' }",
      'api/controllers/hello.ts': `import { defineAction } from '${index}'
        const inputs = { '~standard': { validate: (value) => ({ value: { name: value.name } }) } }
        export default defineAction({ inputs, run: ({ name }) => \`Hello, \${name}\` })`,
    })

    expect(await app.browser().get('/hello/ada')).toMatchObject({ status: 200, body: 'Hello, ada' })
  })
})
