/**
 * What `catamaran/client` asks for over HTTP, beside the app's own routes: the client itself, and cookies.
 * Loaded when it is asked for the first time.
 */
import type { SessionMiddleware } from '../session/express.ts'
import { type ClientParts, clientFile, cookieDesk } from './client-addresses.ts'

/** The session middleware, with the client's requests taken out before. */
export function besideClient(parts: ClientParts): SessionMiddleware {
  const { session } = parts
  let answer: SessionMiddleware | undefined

  return (req, res, next) => {
    const { url = '' } = req
    if (!url.startsWith(clientFile) && !url.startsWith(cookieDesk)) session(req, res, next)
    else if (answer) answer(req, res, next)
    else {
      import('./client-answers.ts').then(({ createClientAnswers }) => {
        answer ??= createClientAnswers(parts)
        answer(req, res, next)
      }, next)
    }
  }
}
