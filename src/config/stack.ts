/**
 * Stacks everything that may set a value, low to high: defaults, files, environment, command line,
 * the object given to `lift()`.
 */
import type { Gathered } from './gather.ts'
import { type Given, layerOf } from './given.ts'
import { isPlain, type Layer, type Merged, mergeLayers, valueAt } from './layers.ts'
import { configSchema, subjects } from './schema.ts'
import { isSecretMissing, madeUpSecret } from './secret.ts'

/** Below everything: each subject is there, so that defaults inside it apply. */
const bottom: Layer = {
  source: 'default',
  values: Object.fromEntries(Object.keys(subjects).map((subject) => [subject, {}])),
}

/** Defaults of apps with `sails: true` in `config/globals`: their browsers get the cookie they always had. */
const sailsProfile: Layer = {
  source: 'default (Sails profile)',
  values: {
    session: { saveUninitialized: true, cookie: { sameSite: false }, isSessionDisabled: isAsset },
    // Pages of Sails never knew a limit: theirs is one that only a flood meets.
    sockets: { rate: { perSecond: 500, burst: 2000 } },
  },
}

/** In Sails what looks like a file has no session, whether or not a route answers it. */
function isAsset({ url = '' }: { readonly url?: string }): boolean {
  return /^[^?]*\/[^?/]+\.[^?/]+(\?.*)?$/.test(url)
}

/** Merges what the folder says with what is given from outside; outside of production with a made-up secret. */
export function stack(gathered: Gathered, given: readonly Given[], overrides: object): Merged {
  const files = [bottom, ...gathered.layers]
  const below = mergeLayers(files).values
  const layers = [
    ...files,
    ...given.map((one) => layerOf(one, configSchema, below)),
    { source: 'lift()', values: { ...overrides } },
  ]
  const { values } = mergeLayers(layers)
  const isSails = valueAt(values, ['globals', 'sails']) === true
  const { session } = values
  const needsSecret =
    gathered.environment !== 'production' && isPlain(session) && isSecretMissing(session['secret'])
  return mergeLayers([
    bottom,
    ...(isSails ? [sailsProfile] : []),
    ...layers,
    ...(needsSecret ? [madeUpSecret()] : []),
  ])
}
