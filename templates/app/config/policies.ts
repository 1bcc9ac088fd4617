/** Policies: who may run which action. 'is-logged-in' is api/policies/is-logged-in.ts. */
import type { PoliciesConfigInput } from 'catamaran'

export const policies = {
  // What no other line covers is open. Write `'*': 'is-logged-in'` to turn that round, and say what stays
  // open: `'account/login': true`, or nobody can log in.
  '*': true,
  'account/show': 'is-logged-in',
} satisfies PoliciesConfigInput
