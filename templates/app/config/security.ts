/** Security headers, by helmet. */
import type { SecurityConfigInput } from 'catamaran'

export const security = {
  // Options of helmet, see https://helmetjs.github.io; `false` for no such headers.
  // helmet: { contentSecurityPolicy: { directives: { imgSrc: ["'self'", 'https:'] } } },
} satisfies SecurityConfigInput
