import type { Request, Response } from 'express'
import { describe, expect, it, vi } from 'vitest'
import { createErrorAnswer } from '../../src/routing/failures.ts'
import { program, serve } from './server.ts'

const production = { production: true }
const throwing = (error: unknown) => () => {
  throw error
}

describe('an answer that had begun', () => {
  it('loses its connection, so that it does not look whole', async () => {
    const { get } = await serve((_req, res) => {
      res.write('half')
      throw new Error('too late')
    })

    await expect(get().then((answer) => answer.text())).rejects.toThrow()
  })

  it('is left alone when it is complete', async () => {
    const { get } = await serve((_req, res) => {
      res.json({ ok: true })
      throw new Error('too late')
    })

    expect(await (await get()).json()).toEqual({ ok: true })
  })

  it('keeps no headers of the content that is not sent, but the others', async () => {
    const { get } = await serve((_req, res) => {
      res.set({ 'Content-Disposition': 'attachment', 'Cache-Control': 'public', 'X-Own': '1' })
      res.type('csv')
      throw new Error('no rows')
    })

    const { headers } = await get(program)

    expect(headers.get('content-disposition')).toBe(null)
    expect(headers.get('cache-control')).toBe(null)
    expect(headers.get('content-type')).toMatch(/json/)
    expect(headers.get('x-own')).toBe('1')
  })

  it('is not touched once it has ended', () => {
    const res = { headersSent: true, writableEnded: true, destroy: throwing(new Error('touched')) }
    const destroyed = vi.spyOn(res, 'destroy')

    createErrorAnswer(production)(new Error('x'), {} as Request, res as unknown as Response)

    expect(destroyed).not.toHaveBeenCalled()
  })

  it('is ended over a socket, and nothing is thrown when that fails', () => {
    const ended: string[] = []
    const req = { isSocket: true } as Request
    const res = { headersSent: true, writableEnded: false, end: () => ended.push('end') }
    const broken = { headersSent: true, end: throwing(new Error('gone')) }

    createErrorAnswer(production)(new Error('x'), req, res as unknown as Response)

    expect(ended).toEqual(['end'])
    expect(createErrorAnswer(production)(new Error('x'), req, broken as unknown as Response)).toBe(
      500,
    )
  })
})
