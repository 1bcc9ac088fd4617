/** `npm run docs:seeds`: writes docs/seeds.md. */
import { writeFileSync } from 'node:fs'
import { pagePath, seedsPage } from './page.ts'

writeFileSync(pagePath, seedsPage())
