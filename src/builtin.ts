/**
 * What every start needs of Node's own modules. An ES import of one loads whatever it could export (node:http its
 * WebSocket client, node:util its argument parser, node:crypto Web Crypto): a tenth of our start. Code that
 * does not run at every start imports them as usual.
 */
export const {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} = process.getBuiltinModule('node:crypto')
export const diagnosticsChannel = process.getBuiltinModule('node:diagnostics_channel')
export const { existsSync, readFileSync, realpath } = process.getBuiltinModule('node:fs')
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
export const { createServer: createTlsServer } = process.getBuiltinModule('node:https')
export const { format, inspect, styleText } = process.getBuiltinModule('node:util')
