/**
 * The session of a websocket handshake, where Socket.IO runs the drop-in as one of its own middleware. What
 * Engine.IO hands over there is no answer that could be held: it has no status and takes headers only. So the
 * commit comes before the handshake goes on instead of after it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sessions } from './sessions.ts'
import type { Visit } from './visit.ts'

/** Whether this stands for the answer to a websocket handshake; where nothing does, people hand over `{}`. */
export function isUpgrade({ headers }: IncomingMessage, res: ServerResponse): boolean {
  return headers.upgrade !== undefined && 'setHeader' in res && !('statusCode' in res)
}

/** Commits, and lets the handshake carry the cookie. */
export async function commitFirst(
  sessions: Sessions,
  visit: Visit,
  res: ServerResponse,
): Promise<void> {
  const line = await sessions.commit(visit)
  if (!line) return
  // An array would become one line with commas, which no browser understands; here each spelling is a line.
  res.setHeader(res.getHeader('Set-Cookie') ? 'set-cookie' : 'Set-Cookie', line)
}
