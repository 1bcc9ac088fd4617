/**
 * What `import … from 'catamaran'` gives: this list, kept by hand.
 */
import type { App, AppOptions } from './app.ts'

export type { App, AppOptions, Lifted } from './app.ts'
export type { BootstrapConfigInput } from './bootstrap.ts'
export type { SessionDataOf } from './config/data-schema.ts'
export type { GlobalsConfigInput } from './config/globals.ts'
export type { HttpConfigInput } from './config/http.ts'
export type { LogConfigInput } from './config/log.ts'
export type { PoliciesConfigInput } from './config/policies.ts'
export type { RoutesConfigInput } from './config/routes.ts'
export type { Overrides as ConfigInput } from './config/schema.ts'
export type { SecurityConfigInput } from './config/security.ts'
export type { SessionConfigInput } from './config/session.ts'
export type { SocketsConfigInput } from './config/sockets.ts'
export type { ViewsConfigInput } from './config/views.ts'
export { CatamaranError, type ErrorCode } from './errors.ts'
export {
  type ActionContext,
  type ActionDefinition,
  defineAction,
  type InputsOf,
} from './routing/define-action.ts'
export type { Exit, Exits } from './routing/exits.ts'
export type { Handler as Action, Handler as Policy } from './routing/handler.ts'
export type { OwnResponse } from './routing/own-responses.ts'
export { recentLogin } from './routing/recent-login.ts'
export type { AppSession } from './session/app-session.ts'
export {
  Cookie,
  type CookieOptions,
  MemoryStore,
  Session,
  type SessionOptions,
  Store,
  session,
} from './session/dropin.ts'
export type { SessionEvent } from './session/published.ts'
export type { SessionStore, SwapResult } from './session/store.ts'
export { type Member, type RoomNames, type Rooms, roomsOf } from './sockets/rooms.ts'

/**
 * Loads the app in a folder, without opening anything.
 *
 * @throws {CatamaranError} `E_CONFIG`, `E_APP_FILES`: each names everything there is to mend
 */
export async function createApp(root: string, options?: AppOptions): Promise<App> {
  // Who came for `session()` alone does not load a framework.
  const app = await import('./app.ts')
  return app.createApp(root, options)
}
