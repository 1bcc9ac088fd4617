/** Two policies before the action. */
import type { PoliciesConfigInput } from '../../../src/index.ts'

export const policies = {
  me: ['is-logged-in', 'is-editor'],
} satisfies PoliciesConfigInput
