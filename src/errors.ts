/**
 * Every error Catamaran throws: one table of stable codes, one class.
 * A code is public and never reused; its words may improve. What a client sees is decided in walk.ts.
 */
import { STATUS_CODES } from './builtin.ts'

const table = {
  E_ADAPTER_MISSING: {
    status: 500,
    text: 'The session adapter "%s" needs the package %s, which is not installed: npm install %s',
    hint: "Run that command in the app's folder, or choose another adapter in config/session.",
  },
  E_ADAPTER_UNKNOWN: {
    status: 500,
    text: 'There is no session adapter "%s"%s',
    hint: 'Set adapter in config/session to memory (the default), sqlite, redis, mongo, or an installed package with a Connect store.',
  },
  E_ANSWER_VALUE: {
    status: 500,
    text: 'An action has returned a %s, which JSON can say nothing of',
    hint: 'Return plain values: Object.fromEntries(map), [...set], await response.json(), await stream.toArray(), Readable.fromWeb(stream).',
  },
  E_APP_FILES: {
    status: 500,
    text: 'The app has %s:\n%s',
    hint: 'Mend the lines above and start again.',
  },
  E_BAD_REQUEST: {
    status: 400,
    text: 'Bad Request',
    hint: 'The request is malformed: check its body, headers and parameters.',
  },
  E_BAD_URL: {
    status: 400,
    text: 'The address cannot be decoded',
    hint: 'Write a bare percent sign as %25.',
  },
  E_BOOTSTRAP: {
    status: 500,
    text: 'config/bootstrap failed: %s',
    hint: 'The app was not lifted: mend the function, or let it catch what may fail.',
  },
  E_CLOCK: {
    status: 500,
    text: 'A test has moved the clock, but sessions in %s live by another one',
    hint: "Give such a test adapter: 'memory' or 'sqlite', or let it wait.",
  },
  E_CONFIG: {
    status: 500,
    text: 'The configuration has %s:\n%s',
    hint: 'Mend the lines above; `catamaran config` shows every value and where it came from.',
  },
  E_CONFLICT: {
    status: 409,
    text: 'Conflict',
    hint: 'The data changed meanwhile or exists already: read it again, then retry.',
  },
  E_CROSS_SITE: {
    status: 403,
    text: 'This request comes from another site',
    hint: "Name its origin in cors.allowOrigins of config/security or of the route, or set csrf: false beside the route's target.",
  },
  E_CSRF_SESSION: {
    status: 500,
    text: 'There is no session to give a token for',
    hint: 'Take session: false from the route of security/grant-csrf-token.',
  },
  E_CSRF_TOKEN: {
    status: 403,
    text: 'The token against forged requests is missing or old',
    hint: 'GET /csrfToken, and send its _csrf as X-CSRF-Token or in the body; of a form with files in its address.',
  },
  E_ENV_FILE: {
    status: 500,
    text: '%s cannot be read: %s',
    hint: 'Make it readable for the user who runs the app, or remove it.',
  },
  E_FORBIDDEN: {
    status: 403,
    text: 'Forbidden',
    hint: 'A policy or action refused; see config/policies.',
  },
  E_GENERATE_EXISTS: {
    status: 500,
    text: '%s is there already',
    hint: 'Choose another name, or write it anew with --force; nothing was written.',
  },
  E_GENERATE_KIND: {
    status: 500,
    text: 'There is no template for "%s"%s',
    hint: 'Say action, controller, policy, response or test, then its name.',
  },
  E_GENERATE_NAME: {
    status: 500,
    text: '"%s" cannot name a new %s: %s',
    hint: 'Choose another: letters, digits, dashes, and slashes for folders, as in `user/change-password`.',
  },
  E_GENERATE_TWIN: {
    status: 500,
    text: '%s would be the same as %s',
    hint: 'Choose another name, or remove that file first; nothing was written.',
  },
  E_GENERATE_WRITE: {
    status: 500,
    text: '%s cannot be written: %s',
    hint: 'Let this user write to the folder of the app.',
  },
  E_HOST: {
    status: 500,
    text: 'This machine has no address %s to listen on',
    hint: 'Take host out of the configuration to listen on all addresses, or name one of its own.',
  },
  E_LOGIN_OLD: {
    status: 403,
    text: 'This needs a login in the last %s seconds',
    hint: 'Ask for the password again; then set req.session.authenticatedAt = new Date().',
  },
  E_MISSING_OR_INVALID_PARAMS: {
    status: 400,
    text: 'Missing or invalid: %s',
    hint: 'Each problem names its field; see the inputs of the action.',
  },
  E_MODELER_SILENT: {
    status: 503,
    text: 'The modeler collection has not answered once, not within %s s',
    hint: 'Start its database; modeler-redis needs a client of the package redis 0.8 to 3, with callbacks.',
  },
  E_NEW_NAME: {
    status: 500,
    text: '%s cannot name an app',
    hint: 'Choose a folder name of letters, digits and dashes, such as `blog`.',
  },
  E_NEW_NOT_EMPTY: {
    status: 500,
    text: '%s is not empty',
    hint: 'Choose a new folder, or empty this one; nothing was written.',
  },
  E_NEW_WRITE: {
    status: 500,
    text: '%s cannot be written: %s',
    hint: 'Choose a folder you may write to; nothing was left behind.',
  },
  E_NODE_SQLITE: {
    status: 500,
    text: 'The session adapter "sqlite" needs node:sqlite, which this Node (%s) does not have',
    hint: 'Run a Node of at least 22.18 that has it and is not started with --no-experimental-sqlite.',
  },
  E_NOT_A_SOCKET: {
    status: 400,
    text: 'only a socket can be in a room, not an HTTP request',
    hint: 'Ask `req.isSocket` first, or join by the id of a socket.',
  },
  E_NOT_FOUND: {
    status: 404,
    text: 'Not Found',
    hint: 'Check verb and address; `catamaran routes` lists what there is.',
  },
  E_NOT_OVER_SOCKET: {
    status: 500,
    text: '%s needs HTTP: a socket carries values, not files',
    hint: 'Send the value, or the address of the file.',
  },
  E_NO_APP: {
    status: 500,
    text: 'There is no app in %s: neither config/ nor api/',
    hint: "Go to your app's folder, or make one: `catamaran new blog`.",
  },
  E_NO_ROOMS: {
    status: 500,
    text: 'This request is of no lifted app: there are no rooms',
    hint: 'Give roomsOf the `req` of an action or a policy.',
  },
  E_NO_SKIPPER: {
    status: 500,
    text: 'There is no skipper behind req.file',
    hint: "Read the upload by middleware in the route's chain, such as multer: [upload.single('photo'), 'photo/save'].",
  },
  E_NO_SUCH_SOCKET: {
    status: 404,
    text: 'No socket "%s" is connected to this node',
    hint: 'Sockets of other nodes are reached by broadcast to their id.',
  },
  E_NO_VIEWS: {
    status: 500,
    text: 'There is no view engine for res.view',
    hint: "Set engine in config/views, as in { engine: 'ejs' } after npm install ejs, or answer by res.send.",
  },
  E_PORT_DENIED: {
    status: 500,
    text: 'Port %s may not be opened by this user',
    hint: 'Choose a port above 1023: `catamaran lift --port 1337`.',
  },
  E_PORT_IN_USE: {
    status: 500,
    text: 'Port %s is in use',
    hint: 'Stop what listens there, or choose another: `catamaran lift --port 1338`.',
  },
  E_PREVIOUS_DOWN: {
    status: 503,
    text: 'The previous session store (%s) does not answer',
    hint: 'Start it, or take previous out of config/session: what is left there is lost then.',
  },
  E_RPC_MANY: {
    status: 429,
    text: 'More than %s calls of this socket are under way',
    hint: 'Wait for the answers before you call on.',
  },
  E_RPC_NAME: {
    status: 404,
    text: 'There is no %s',
    hint: 'Name an action by its file in server/rpc and its function, as in app.square, and a step by its file in server/middleware.',
  },
  E_SECRET_BYTES: {
    status: 500,
    text: '--bytes is %s; a secret has 16 to %s bytes',
    hint: 'Leave --bytes out for the usual 32.',
  },
  E_SERVER: {
    status: 500,
    text: 'Internal Server Error',
    hint: 'The log holds what happened.',
  },
  E_SESSION_BUSY: {
    status: 503,
    text: 'The session changed under this request %s times in a row',
    hint: 'Try again; use req.session.update(fn) for values many requests change at once.',
  },
  E_SESSION_COOKIE: {
    status: 500,
    text: 'req.session.cookie was taken away',
    hint: 'Set its fields, such as req.session.cookie.maxAge; await req.session.destroy() ends the session.',
  },
  E_SESSION_DATA: {
    status: 500,
    text: 'The session cannot keep %s: %s',
    hint: 'Set what session.data in config/session allows, or change the schema; nothing was stored.',
  },
  E_SESSION_DESTROYED: {
    status: 500,
    text: 'There is no req.session any more, since this request has destroyed it: that may be why it failed',
    hint: 'Begin an empty one by await req.session.regenerate() instead of destroy().',
  },
  E_SESSION_ENDED: {
    status: 401,
    text: 'This session has ended',
    hint: 'Reconnect the socket and log in again.',
  },
  E_SESSION_MIGRATE: {
    status: 500,
    text: 'The data of a session of version %s cannot be migrated: %s',
    hint: 'Mend session.migrate in config/session; the record was left as it is.',
  },
  E_SESSION_REPLACED: {
    status: 500,
    text: 'req.session was replaced by another object, which nothing would store',
    hint: 'Set its fields, req.session.cart = […], or many by Object.assign(req.session, { … }).',
  },
  E_SESSION_SEALED: {
    status: 500,
    text: 'The session was changed after its answer had begun',
    hint: 'Change the session before the first write, or store it by req.session.update(fn).',
  },
  E_SESSION_TOO_LARGE: {
    status: 500,
    text: 'The session holds %s bytes; at most %s are allowed',
    hint: 'Keep large data in a database and its id in the session, or raise session.maxBytes.',
  },
  E_SESSION_UPDATE: {
    status: 500,
    text: 'req.session.update(fn) was given an async function',
    hint: 'Await what you need first; fn itself must change the data and return.',
  },
  E_SESSION_VALUE: {
    status: 500,
    text: 'The session cannot keep %s: %s',
    hint: 'Store plain JSON values: strings, finite numbers, booleans, null, arrays and objects.',
  },
  E_SOCKET_ADAPTER: {
    status: 500,
    text: 'The sockets adapter "%s" cannot be used: %s',
    hint: "Set adapter in config/sockets to 'redis', a package of Socket.IO's, or what its createAdapter gives.",
  },
  E_STOPPING: {
    status: 503,
    text: 'The app is stopping',
    hint: 'Another node answers; grace of config/http says how long this one still does.',
  },
  E_STORE_CANNOT: {
    status: 500,
    text: 'The %s session store cannot %s: it has %s',
    hint: 'Choose a store that can, or leave that out: serving sessions needs none of it.',
  },
  E_STORE_DOWN: {
    status: 503,
    text: 'The %s session store does not answer',
    hint: 'Start it, or check host, port and password in config/session.',
  },
  E_STORE_FILE: {
    status: 500,
    text: 'The session file %s cannot be used: %s',
    hint: 'Let the app write to that folder, or name another file as session.file.',
  },
  E_STORE_FULL: {
    status: 503,
    text: 'The %s session store has no room left',
    hint: 'Free some space; sessions can be read meanwhile, and writing goes on by itself.',
  },
  E_STORE_HASHED: {
    status: 500,
    text: 'Sessions under hashed ids cannot go where ids are kept plain: nobody knows the ids',
    hint: 'Set hashIds: true for the store they go to.',
  },
  E_STORE_NAME: {
    status: 500,
    text: '"%s" names no session store',
    hint: 'Write session, previous, sqlite, redis, mongo, or an address: redis://…, mongodb://…, sqlite:FILE.',
  },
  E_STORE_OPTIONS: {
    status: 500,
    text: 'The settings of the %s session store are wrong: %s',
    hint: 'Correct them in config/session, or where the store is made.',
  },
  E_TICKET: {
    status: 403,
    text: 'This ticket is over, was redeemed already, or is for another browser',
    hint: 'Connect the socket again.',
  },
  E_TLS: {
    status: 500,
    text: 'The key or certificate of ssl cannot be used: %s',
    hint: 'Check that ssl.key and ssl.cert belong together, and that ssl.passphrase opens the key.',
  },
  E_TOOL_FAILED: {
    status: 500,
    text: '`%s` failed',
    hint: 'Its own message stands above; run it by hand once that is mended.',
  },
  E_TOOL_MISSING: {
    status: 500,
    text: '`%s` does not run here',
    hint: 'Install it, or leave out the option that asks for it.',
  },
  E_TOO_MANY: {
    status: 429,
    text: 'Too Many Requests',
    hint: 'Send fewer events, or raise `rate` in config/sockets.',
  },
  E_UNAUTHORIZED: {
    status: 401,
    text: 'Unauthorized',
    hint: 'Log in first.',
  },
  E_UPLOAD_OVER_SOCKET: {
    status: 415,
    text: 'An upload needs HTTP: a socket carries values, not files',
    hint: 'Send the form to the same address by fetch.',
  },
  E_VIEW_ENGINE: {
    status: 500,
    text: 'The view engine "%s" of config/views cannot be used: %s',
    hint: "Install it in the app's folder, or give views.engine a function (path, options, callback).",
  },
} as const

/** A stable, public error code. */
export type ErrorCode = keyof typeof table

/** How one code answers: HTTP status, words (`%s` are values), and what to do about it. */
export const errorTable: Readonly<
  Record<ErrorCode, { readonly status: number; readonly text: string; readonly hint: string }>
> = table

/** The one error class: `code` to switch on, `status` for the answer, `hint` for the person who mends it. */
export class CatamaranError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly hint: string

  constructor(code: ErrorCode, values: readonly string[] = [], options?: ErrorOptions) {
    const rest = [...values]
    const message = errorTable[code].text.replaceAll('%s', () => rest.shift() ?? '?')
    super(message, options)
    this.name = 'CatamaranError'
    this.code = code
    this.status = errorTable[code].status
    this.hint = errorTable[code].hint
  }
}

/** The standard words of an HTTP status. */
export function statusText(status: number): string {
  return STATUS_CODES[status] ?? String(status)
}
