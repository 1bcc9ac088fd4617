/**
 * A process that plays what it is told over its channel, and ends when that is closed.
 */

import type { Place } from './places.ts'
import { createPlayer, type Part } from './player.ts'
import type { Data } from './program.ts'

type Asked =
  | { readonly call: 'begin'; readonly given: readonly Data[] }
  | { readonly call: 'play'; readonly given: readonly Part[] }

const player = await createPlayer(JSON.parse(process.argv[2] ?? '') as Place)

process.on('message', async (asked: Asked) => {
  process.send?.(
    asked.call === 'begin' ? await player.begin(asked.given) : await player.play(asked.given),
  )
})
process.once('disconnect', () => void player.close())
process.send?.('ready')
