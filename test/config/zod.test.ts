import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { z } from '../../src/config/zod.ts'

const require = createRequire(import.meta.url)

it('leaves zod the languages it was loaded without', () => {
  const languages = require('zod/v4/locales')

  expect(require('zod')).toBe(z)
  expect(z.locales.de).toBe(languages.de)
  expect('de' in z.locales && !('xx' in z.locales)).toBe(true)
})
