import { describe, expect, it } from 'vitest'
import { browser, program, serve, socket } from './server.ts'

describe("an action's req", () => {
  it('finds a parameter in path, body and query, in this order', async () => {
    const { url } = await serve((req, res) =>
      res.json(['id', 'name', 'page', 'gone'].map((name) => req.param(name, 'none'))),
    )

    const answer = await fetch(`${url}/user/7?id=q&name=q&page=q`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'b', name: 'b', page: null }),
    })

    expect(await answer.json()).toEqual(['7', 'b', 'q', 'none'])
  })

  it('gives no parameter that only the prototype has', async () => {
    const { url } = await serve((req, res) => res.json({ found: typeof req.param('toString') }))

    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })

    expect(await answer.json()).toEqual({ found: 'undefined' })
  })

  it('joins all parameters, the path over the body over the query', async () => {
    const { url } = await serve((req, res) => res.json(req.allParams()))

    const answer = await fetch(`${url}/user/7?id=q&name=q&page=q`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'b', name: 'b' }),
    })

    expect(await answer.json()).toEqual({ id: '7', name: 'b', page: 'q' })
  })

  it('joins parameters where the body is none or a list', async () => {
    const { url } = await serve((req, res) => res.json(req.allParams()))

    const list = await fetch(`${url}/?a=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[1, 2]',
    })

    expect(await (await fetch(`${url}/?a=1`)).json()).toEqual({ a: '1' })
    expect(await list.json()).toEqual({ a: '1' })
  })

  it.each([
    ['a socket', { ...socket, ...browser }, true],
    ['XHR', { ...browser, 'x-requested-with': 'XMLHttpRequest' }, true],
    ['a program', program, true],
    ['anything goes', { accept: '*/*' }, true],
    ['a program that wants neither JSON nor a page', { accept: 'text/plain' }, true],
    ['an image tag', { accept: 'image/*' }, true],
    ['a browser', browser, false],
    ['who likes a page more', { accept: 'application/json;q=0.5, text/html' }, false],
  ])('knows whether JSON is wanted by %s', async (_caller, headers, wanted) => {
    const { get } = await serve((req, res) => res.json({ wanted: req.wantsJSON }))

    expect(await (await get(headers)).json()).toEqual({ wanted })
  })

  it('is no event of a socket over HTTP', async () => {
    const { get } = await serve((req, res) => res.json({ isSocket: req.isSocket }))

    expect(await (await get()).json()).toEqual({ isSocket: false })
  })
})
