/** A login, and the route that is measured. */
import type { RoutesConfigInput } from '../../../src/index.ts'

export const routes = {
  'GET /login': 'login',
  'GET /me': 'me',
} satisfies RoutesConfigInput
