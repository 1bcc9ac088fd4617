/**
 * Markers: what stands under an id that was rotated away, for a minute. Readers take one for an unknown
 * session; requests under way find in it where the record has moved. The new id is sealed with the old
 * one, which the store need not know: what lies there opens no session. A marker that leads nowhere stands
 * where a session is being ended.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from '../builtin.ts'
import { type Kept, keptField, keptOf } from './kept.ts'
import type { JsonObject } from './merge.ts'

/** **Seconds** a marker lives: longer than any request that was under way. */
export const markerLife = 60

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** The heir of a session that has ended. */
export const nobody = ''

/** The marker that leads from one id to the next. Others' readers find an empty session in it. */
export function markerText(id: string, heir: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, keyOf(id), iv)
  const sealed = Buffer.concat([iv, cipher.update(heir), cipher.final(), cipher.getAuthTag()])
  const kept: Kept = { rotated: sealed.toString('base64url') }
  const expires = new Date(Date.now() + markerLife * 1000)
  const cookie = { originalMaxAge: markerLife * 1000, expires, httpOnly: true, path: '/' }
  return JSON.stringify({ cookie, [keptField]: kept })
}

/** Whether a record is a marker. */
export function isMarker(record: JsonObject | undefined): boolean {
  return typeof keptOf(record)?.rotated === 'string'
}

/** Whether a text is a marker's. */
export function isMarkerText(text: string): boolean {
  // Most texts are sessions: no need to parse them for that.
  if (!text.includes('"rotated"')) return false
  try {
    return isMarker(JSON.parse(text) as JsonObject)
  } catch {
    return false
  }
}

/** **Seconds** a marker has left, as it says itself; not above 0 where it is kept longer than that. */
export function secondsOf(marker: string): number {
  const { cookie } = JSON.parse(marker) as { cookie?: { expires?: string } }
  const left = (Date.parse(`${cookie?.expires}`) - Date.now()) / 1000
  return Math.min(markerLife, left || 0)
}

/** The id a text leads on to, or `nobody`; `undefined` when it is no marker of this id. */
export function heirOf(text: string, id: string): string | undefined {
  if (!isMarkerText(text)) return undefined
  try {
    const { rotated = '' } = keptOf(JSON.parse(text) as JsonObject) ?? {}
    return unseal(Buffer.from(rotated, 'base64url'), id)
  } catch {
    return undefined
  }
}

function unseal(sealed: Buffer, id: string): string {
  const cipher = createDecipheriv(algorithm, keyOf(id), sealed.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
  cipher.setAuthTag(sealed.subarray(-tagBytes))
  return (
    cipher.update(sealed.subarray(ivBytes, -tagBytes), undefined, 'utf8') + cipher.final('utf8')
  )
}

function keyOf(id: string): Buffer {
  return createHmac('sha256', id).update('catamaran rotation').digest()
}
