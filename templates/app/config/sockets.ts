/** WebSocket: who may connect, and how large a message may be. */
import type { SocketsConfigInput } from 'catamaran'

export const sockets = {
  // Pages of these other origins may connect too; unset, only the app's own pages do.
  // origins: ['https://example.com'],
  // Largest message, in bytes.
  // maxHttpBufferSize: 1_000_000,
} satisfies SocketsConfigInput
