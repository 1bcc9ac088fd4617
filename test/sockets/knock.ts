/**
 * Who is let in: a handshake's headers, and its status.
 */
import { shake, type Transport } from './raw.ts'

/** Nothing but the handshake is asked here. */
export const files = { 'config/routes.mjs': `export default { 'GET /': () => 'here' }` }

export const allowed: Record<Transport, number> = { polling: 200, websocket: 101 }
/** As in Sails: Engine.IO aborts an upgrade with 400 whatever the reason. */
export const refusals: Record<Transport, number> = { polling: 403, websocket: 400 }

export type Headers = Record<string, string>

/** The status a handshake with these headers gets. */
export async function knock(
  { url }: { url: string },
  transport: Transport,
  headers: Headers,
): Promise<number | undefined> {
  return (await shake(url, transport, { headers })).status
}
