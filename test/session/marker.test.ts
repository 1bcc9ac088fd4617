import { describe, expect, it } from 'vitest'
import { heirOf, isMarkerText, markerText, nobody, secondsOf } from '../../src/session/marker.ts'

const kept = (rotated: unknown) => JSON.stringify({ cookie: {}, _catamaran: { rotated } })

describe('a marker', () => {
  it('leads on who knows the id it stands under, and nobody else', () => {
    const marker = markerText('old', 'new')

    expect(heirOf(marker, 'old')).toBe('new')
    expect(heirOf(marker, 'other')).toBeUndefined()
    expect(heirOf(markerText('old', nobody), 'old')).toBe(nobody)
  })

  it('is sealed anew each time, and shows neither id', () => {
    const [one, two] = [markerText('old', 'new'), markerText('old', 'new')]

    const sealed = [one, two].map((text) => JSON.parse(text)._catamaran.rotated)
    expect(sealed[0]).not.toBe(sealed[1])
    expect(one).not.toMatch(/"old"|"new"/)
  })

  it('says for others, too, that it ends after a minute', () => {
    const { cookie } = JSON.parse(markerText('old', 'new'))

    expect(cookie).toMatchObject({ originalMaxAge: 60_000, httpOnly: true, path: '/' })
    expect(Date.parse(cookie.expires) - Date.now()).toBeGreaterThan(30_000)
    expect(Date.parse(cookie.expires) - Date.now()).toBeLessThanOrEqual(60_000)
  })

  it('has no more than a minute left, whatever stands in it', () => {
    const ending = (expires: unknown) => JSON.stringify({ cookie: { expires } })

    expect(secondsOf(ending(new Date(Date.now() + 1e9)))).toBe(60)
    expect(secondsOf(ending(new Date(Date.now() - 5_000)))).toBeLessThan(0)
    for (const text of [ending(null), ending('soon'), '{}']) expect(secondsOf(text)).toBe(0)
  })

  it.each([
    ['a session that speaks of it', '{"cookie":{},"rotated":"yes"}'],
    ['no text that is sealed', kept(7)],
    ['nothing at all', kept(null)],
    ['no JSON', '{"rotated":'],
    ['a list', '["rotated"]'],
  ])('is not %s', (_, text) => {
    expect(isMarkerText(text)).toBe(false)
    expect(heirOf(text, 'old')).toBeUndefined()
  })

  it.each([
    ['is too short', () => 'abc'],
    ['is empty', () => ''],
    ['was changed', (sealed: string) => (sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1)],
    ['lost its end', (sealed: string) => sealed.slice(0, -4)],
  ])('leads nowhere where what is sealed %s', (_, damage) => {
    const { rotated } = JSON.parse(markerText('old', 'new'))._catamaran

    expect(isMarkerText(kept(damage(rotated)))).toBe(true)
    expect(heirOf(kept(damage(rotated)), 'old')).toBeUndefined()
  })
})
