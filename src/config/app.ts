/**
 * The top-level values: where the app listens and which environment it runs in.
 * They come from `config/local`, `config/env`, the environment or the command line.
 */
import type * as zod from 'zod'
import { alias, portNumber } from './kinds.ts'
import { z } from './zod.ts'

const pem = z.custom<string | Buffer>(
  (value) => (typeof value === 'string' ? value.includes('-----BEGIN') : Buffer.isBuffer(value)),
  'must be PEM text or a Buffer: read the file with readFileSync',
)

/** The schema of the top-level values. */
export const appConfig = z.object({
  /** Port to listen on; 0: any that is free. */
  port: portNumber().default(1337),
  /** Address to listen on; unset: all of them. */
  host: z.string().min(1, 'must name an address').optional(),
  /** Sails' spelling of `host`. */
  explicitHost: alias<string>('host'),
  /** Serve HTTPS with this key and certificate. */
  ssl: z
    .strictObject({
      /** The private key. */
      key: pem,
      /** The certificate, with those that vouch for it. */
      cert: pem,
      /** Whose certificates are trusted, where clients show one. */
      ca: z
        .union([pem, z.array(pem)], { error: 'must be PEM text, a Buffer, or a list' })
        .optional(),
      /** Opens a key that is encrypted. */
      passphrase: z.string().optional(),
    })
    .optional(),
  /** `NODE_ENV`, or what takes its place. */
  environment: z
    .string()
    .regex(/^\w[\w.-]*$/, 'must be a name such as production: letters, digits, dots, dashes')
    .default('development'),
  /** Name of the app; read by nothing of Catamaran's. */
  appName: z.string().optional(),
})

/** What an app may set at the top level. */
export type AppConfigInput = zod.input<typeof appConfig>

/** What the framework reads. */
export type AppConfig = zod.output<typeof appConfig>
