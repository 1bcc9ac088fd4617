/** Routes: one table for both hulls. 'account/login' is api/controllers/account/login.ts. */
import type { RoutesConfigInput } from 'catamaran'

export const routes = {
  'POST /login': 'account/login',
  'POST /logout': 'account/logout',
  'GET /me': 'account/me',
  'GET /account': 'account/show',
  'PUT /note': 'note/update',
} satisfies RoutesConfigInput
