/** `npm run docs`: writes docs/reference.md. */
import { writeFileSync } from 'node:fs'
import { pagePath, referencePage } from './reference.ts'

writeFileSync(pagePath, referencePage())
