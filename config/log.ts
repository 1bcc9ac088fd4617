/** Log: how much is said. */
import type { LogConfigInput } from 'catamaran'

export const log = {
  // The least that is logged: trace, debug, info, warn, error, fatal or silent.
  // level: 'info',
} satisfies LogConfigInput
