/**
 * What the session engine is told when a test does not care, as an app's defaults are. For processes
 * without vitest too.
 */
export const plainSettings = {
  cookieName: 'sid',
  cookie: {},
  saveUninitialized: false,
  rolling: false,
  unset: 'keep',
  merge: {},
  user: 'userId',
  maxBytes: 65_536,
  storeTimeout: 1.5,
  onStoreError: 'fail',
} as const
