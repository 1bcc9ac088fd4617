/**
 * Sends what an action has returned, as what it is: a text, bytes, a stream, or JSON.
 */

import type { Readable } from 'node:stream'
import type { Response } from 'express'
import { CatamaranError } from '../errors.ts'
import { sendText } from './failures.ts'
import { isUnread } from './handler.ts'

/** Sends a value. @throws {CatamaranError} `E_ANSWER_VALUE` when its JSON would say nothing of it */
export function sendValue(res: Response, value: unknown): void {
  if (typeof value === 'string') sendText(res, value)
  else if (typeof value !== 'object' || value === null || Array.isArray(value)) res.json(value)
  else sendObject(res, value)
}

function sendObject(res: Response, value: object): void {
  if (ArrayBuffer.isView(value)) {
    res.send(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
  } else if (value instanceof ArrayBuffer) res.send(Buffer.from(value))
  else if (typeof Reflect.get(value, 'toJSON') === 'function') res.json(value)
  else if (isUnread(value)) sendStream(res, value)
  else {
    const [, name] = mute.exec(Object.prototype.toString.call(value)) ?? []
    if (name) throw new CatamaranError('E_ANSWER_VALUE', [name])
    res.json(value)
  }
}

/** What JSON makes `{}` of. */
const mute = /^\[object (Map|Set|Response|ReadableStream|Blob|FormData|Headers)\]$/

/** Until the first bytes have left, a stream that fails is answered as any failure. */
function sendStream(res: Response, stream: Readable): void {
  const { req } = res
  if (req.isSocket || stream.readableObjectMode) {
    stream.on('error', () => {}).destroy()
    if (req.isSocket) throw new CatamaranError('E_NOT_OVER_SOCKET', ['A stream'])
    throw new CatamaranError('E_ANSWER_VALUE', ['stream of objects'])
  }
  if (!res.get('Content-Type')) res.type('application/octet-stream')
  stream.once('error', (error) => req.next?.(error))
  res.once('close', () => stream.destroy())
  stream.pipe(res)
}
