import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'

/** Written as in Sails 1.x. */
const files = {
  'config/routes.cjs': `module.exports.routes = {
    'POST /signup': { action: 'account/signup' },
    'GET /user/:id': { action: 'user/view' },
    'GET /old/:id': 'OldController.show',
  }`,
  'api/controllers/account/signup.cjs': `module.exports = {
    friendlyName: 'Sign up',
    inputs: {
      email: { required: true, type: 'string', isEmail: true, example: 'a@b.example' },
      age: { type: 'number', min: 18 },
      role: { type: 'string', isIn: ['admin', 'user'], defaultsTo: 'user' },
      news: { type: 'boolean' },
      tags: { type: ['string'] },
      pets: { type: [{ name: 'string', legs: 'number' }] },
      place: { example: { x: 1, y: 2 } },
      any: { type: [] },
      note: { type: 'string', allowNull: true, maxLength: 5 },
      extra: { type: 'json' },
      code: { type: 'string', custom: (value) => value !== 'no' },
    },
    exits: {
      success: { statusCode: 201 },
      emailTaken: { statusCode: 409, description: 'Taken' },
      away: { responseType: 'redirect' },
    },
    fn: async function (inputs) {
      if (inputs.email === 'taken@b.example') throw 'emailTaken'
      if (inputs.email === 'away@b.example') throw { away: '/login' }
      if (inputs.email === 'odd@b.example') throw 'unknownExit'
      this.req.session.email = inputs.email
      return inputs
    },
  }`,
  'api/controllers/user/view.cjs': `module.exports = {
    inputs: { id: { type: 'number', required: true } },
    exits: { notFound: { responseType: 'notFound' } },
    fn: function (inputs, exits) {
      setTimeout(() => {
        if (inputs.id === 1) return exits.success({ id: inputs.id, me: this.req.session.email })
        if (inputs.id === 2) return exits.notFound()
        if (inputs.id === 3) return exits.error(new Error('a fault'))
        return exits(null, 'plainly')
      })
    },
  }`,
  'api/controllers/OldController.cjs': `module.exports = {
    show: { inputs: { id: { type: 'string' } }, fn: async (inputs) => 'old ' + inputs.id },
  }`,
}

describe('a Sails action of one object', () => {
  it('gets declared inputs alone, cast and with their defaults, on both doors', async () => {
    const visitor = (await liftFiles(files)).browser()
    const data = {
      ...{ email: 'a@b.example', age: '20', news: 'true', note: null, odd: 1 },
      ...{ tags: ['x', 1, true], pets: [{ name: 1, legs: '4', age: 2 }], any: [{}, [null]] },
      place: { x: '1', y: 2 },
    }
    const seen = {
      ...{ email: 'a@b.example', age: 20, role: 'user', news: true, note: null },
      ...{ tags: ['x', '1', 'true'], pets: [{ name: '1', legs: 4 }], any: [{}, [null]] },
      place: { x: 1, y: 2 },
    }

    const http = await visitor.post('/signup', data)
    const socket = await visitor.emit('POST /signup', data)

    expect(http).toMatchObject({ status: 201, body: seen })
    expect(socket).toMatchObject({ statusCode: 201, body: seen })
    expect(http.body).toEqual(seen)
    expect(socket.headers['x-exit']).toBe('success')
  })

  it.each([
    [{}, { email: 'is required' }],
    [{ email: '' }, { email: 'is required, and empty' }],
    [{ email: 'a' }, { email: 'is no email address' }],
    [{ email: { a: 1 } }, { email: 'is no string' }],
    [{ age: 'old' }, { age: 'is no number' }],
    [{ age: 3 }, { age: 'is below 18' }],
    [{ role: 'root' }, { role: 'is none of admin,user' }],
    [{ news: 'maybe' }, { news: 'is no boolean' }],
    [{ tags: 'x' }, { tags: 'is no list of string' }],
    [{ tags: ['x', {}] }, { tags: 'is no list of string' }],
    [{ tags: [null] }, { tags: 'is no list of string' }],
    [{ pets: [{ name: 'Rex' }] }, { pets: 'is no list of object of name: string, legs: number' }],
    [{ place: { x: 1, y: 'b' } }, { place: 'is no object of x: number, y: number' }],
    [{ note: 'too long' }, { note: 'is longer than 5' }],
    [{ code: 'no' }, { code: 'is not allowed' }],
  ])('refuses %j', async (data, fields) => {
    const visitor = (await liftFiles(files)).browser()
    const given = Object.keys(data).length > 0 ? { email: 'a@b.example', ...data } : data

    const answer = await visitor.post('/signup', given)

    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'E_MISSING_OR_INVALID_PARAMS', fields },
    })
    expect((answer.body as { problems: unknown[] }).problems).toHaveLength(1)
  })

  it('leaves by what it throws', async () => {
    const visitor = (await liftFiles(files)).browser()

    const taken = await visitor.post('/signup', { email: 'taken@b.example' })
    const away = await visitor.post('/signup', { email: 'away@b.example' })
    const odd = await visitor.post('/signup', { email: 'odd@b.example' })

    expect(taken).toMatchObject({ status: 409, body: 'Conflict' })
    expect(taken.headers.get('x-exit')).toBe('emailTaken')
    expect([away.status, away.headers.get('location')]).toEqual([302, '/login'])
    expect(odd.status).toBe(500)
  })

  it('leaves by the exits it is given, whenever that is', async () => {
    const visitor = (await liftFiles(files)).browser()
    await visitor.post('/signup', { email: 'a@b.example' })

    const found = await visitor.get('/user/1')
    const missing = await visitor.emit('GET /user/2')
    const failed = await visitor.get('/user/3')

    expect(found).toMatchObject({ status: 200, body: { id: 1, me: 'a@b.example' } })
    expect(missing).toMatchObject({ statusCode: 404, body: 'Not Found' })
    expect(failed).toMatchObject({ status: 500, body: { message: 'a fault' } })
    expect(await visitor.get('/user/4')).toMatchObject({ status: 200, body: 'plainly' })
  })

  it('may stand in a controller of several', async () => {
    const visitor = (await liftFiles(files)).browser()

    expect(await visitor.get('/old/7')).toMatchObject({ status: 200, body: 'old 7' })
  })
})
