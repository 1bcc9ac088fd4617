/** What is to be seen of `sess`, case by case: the same as of sess 0.1.4, or what the case says instead. */
import { describe, expect, it } from 'vitest'
import { sess } from '../../src/compat/sess.ts'
import { answerCases, chainCases, oddCases } from './sess-answer-cases.ts'
import { cookieCases, optionCases } from './sess-cookie-cases.ts'
import { errorCases, hostCases, savingCases } from './sess-saving-cases.ts'
import { methodCases, sessionCases } from './sess-session-cases.ts'

describe.each([
  ['options', optionCases],
  ['cookie', cookieCases],
  ['session', sessionCases],
  ['methods', methodCases],
  ['saving', savingCases],
  ['errors', errorCases],
  ['hosts', hostCases],
  ['odd options', oddCases],
  ['answers', answerCases],
  ['chains', chainCases],
])('sess, its %s', (_, cases) => {
  it.each(cases)('$does', async ({ play, gives }) => {
    expect(await play(sess)).toEqual(gives)
  })
})
