import type { ConfigInput } from 'catamaran'

/** What differs when NODE_ENV is `production`. These values win over the files in config/. */
export default {
  session: {
    // The cookie travels over TLS only.
    cookie: { secure: true },
  },

  // TLS ends at a proxy in front of the app? Then trust it, or the cookie is never set.
  // http: { trustProxy: 1 },
} satisfies ConfigInput
