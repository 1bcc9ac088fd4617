/** The house rules of imports hold; the checker itself is tried on planted violations. */
import { describe, expect, it } from 'vitest'
import { importsOf, readTree, violations } from './support/house.ts'

describe('the house', () => {
  it('keeps its rules of imports', async () => {
    const trees = await Promise.all(['src', 'api', 'config', 'templates'].map(readTree))
    const files: Record<string, string> = Object.assign({}, ...trees)

    expect(Object.keys(files).length).toBeGreaterThan(20)
    expect(violations(files)).toEqual([])
  })
})

describe('the checker of the house', () => {
  it('reads every form of import', () => {
    const text = `
      import { a, type A } from './one.ts'
      import type { B } from 'two'
      import {
        c,
      } from "three"
      import './four.ts'
      export { d } from './five.ts'
      export type * from './six.ts'
      const e = await import('./seven.ts'), f = require('eight')
      type G = import('./nine.ts').G
      // import './no.ts'
      /** import('./no.ts') */
      const url = 'http://x' // import './no.ts'
      const h = require.resolve(\`ten\`), i = import(\`\${url}?x\`)
    `

    expect(importsOf(text).map(({ from }) => from)).toEqual([
      './one.ts',
      'two',
      'three',
      './five.ts',
      './six.ts',
      './four.ts',
      './seven.ts',
      'eight',
      './nine.ts',
      'ten',
    ])
    expect(importsOf(text).filter(({ typeOnly }) => typeOnly)).toHaveLength(2)
  })

  it.each([
    [
      'src/session/merge.ts',
      "import { walk } from '../walk.ts'",
      /src\/walk\.ts is not downstairs/,
    ],
    ['src/session/merge.ts', "import type { Walk } from '../walk.ts'", /walk/],
    ['src/session/merge.ts', "const w = await import('../walk.ts')", /walk/],
    ['src/http/door.ts', "import '../sockets/door.ts'", /sockets/],
    ['src/cli/main.ts', "import '../index.ts'", /index/],
    ['src/walk.ts', "import './client/index.ts'", /client/],
    ['src/client/index.ts', "import '../errors.ts'", /errors/],
    ['src/app.ts', "import '../test/fixture.ts'", /outside of src/],
    ['src/tools/zip.ts', '', /no room/],
    ['src/walk.ts', "import express from 'express'", /express lives in src\/http/],
    ['src/config/load.ts', "import { Server } from 'socket.io'", /socket\.io lives/],
    ['src/session/life.ts', "import parser from 'cookie-parser'", /cookie-parser lives/],
    ['src/app.ts', "import { createClient } from 'redis'", /redis lives/],
    ['src/app.ts', "import 'catamaran'", /catamaran has no home/],
    ['src/app.ts', "import '@scope/thing/deep'", /@scope\/thing has no home/],
    ['api/controllers/me.ts', "import { x } from '../../src/index.ts'", /'catamaran'/],
    ['templates/app/config/session.ts', "import x from '../../../dist/index.js'", /'catamaran'/],
  ])('finds what is wrong in %s: %s', (file, text, problem) => {
    expect(violations({ [file]: text })).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    ['src/walk.ts', "import type { Request } from 'express'"],
    ['src/http/door.ts', "import express from 'express'"],
    ['src/walk.ts', "import { CatamaranError } from './errors.ts'"],
    ['src/testing/index.ts', "import { createApp } from '../app.ts'"],
    ['src/testing/index.ts', "import { connect } from '../client/index.ts'"],
    ['src/session/stores/redis-client.ts', "import { createClient } from 'redis'"],
    ['src/app.ts', "import { join } from 'node:path'"],
    ['api/controllers/me.ts', "import { defineConfig } from 'catamaran'"],
  ])('lets pass what is right in %s: %s', (file, text) => {
    expect(violations({ [file]: text })).toEqual([])
  })

  it('finds circles, types included, once each', () => {
    const files = {
      'src/session/a.ts': "import './b.ts'",
      'src/session/b.ts': "import type { C } from './c.ts'",
      'src/session/c.ts': "const b = () => import('./b.ts')",
      'src/session/d.ts': "import './b.ts'",
    }

    expect(violations(files)).toEqual(['src/session/b.ts → src/session/c.ts → src/session/b.ts'])
  })
})
