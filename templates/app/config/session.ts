/**
 * # config.session
 *
 * What the app remembers about one visitor. HTTP and WebSocket share it: both find it by the same
 * cookie, both hand it to controllers as `req.session`, both save it by themselves.
 */
import type { SessionConfigInput } from 'catamaran'

declare global {
  namespace Catamaran {
    /** What a session of this app may hold: the types of `req.session` in controllers. */
    interface SessionData {
      userId?: string
      note?: string
    }
  }
}

export const session = {
  // Signs the cookie, so that nobody can make one up. This app came with a fresh one, in `.env`.
  // Replace it at your own risk: every cookie out there becomes invalid, and everybody logs in
  // again.
  secret: process.env.SESSION_SECRET,

  // Name of the cookie, `sails.sid` unless set. Apps that share a host name need one each
  // (ports don't tell cookies apart), or they overwrite each other's, over WebSocket too.
  // key: 'my-app.sid',

  // How many seconds a session lives without a visit: a day unless set.
  // ttl: 86400,

  // Field that names the user. With it a login over HTTP gives the session a new id, which makes ids
  // that others may know worthless, and `req.session.authenticatedAt` says when it was.
  // user: 'userId',

  // Fields that every open page of the session is told of when they change, over its socket: a login in
  // one tab shows in the others. Pages can read them, so nothing secret belongs here.
  public: ['userId', 'note'],

  /* ------------------------------------------------------------------------------------------ *
   * Shared Redis session store: uncomment the following line in production, and all servers of
   * the app share their sessions. Unset, sessions stand in this process's memory and end with it.
   * ------------------------------------------------------------------------------------------ */
  // adapter: 'redis',

  // All of these are optional; without them a Redis on this machine is expected.
  // host: 'localhost', // where it runs
  // port: 6379, // and where it listens
  // db: 0, // which of its numbered databases
  // pass: 'secret', // its password
  // prefix: 'sess:', // what the key of a session begins with
  // url: 'redis://user:pass@host:6379/0', // all of that in one; it wins over the others

  /* ------------------------------------------------------------------------------------------ *
   * Or a file on this machine, which survives restarts: uncomment this line instead.
   * ------------------------------------------------------------------------------------------ */
  // adapter: 'sqlite',

  // file: '.data/sessions.db', // where it stands, seen from this app's folder

  /* ------------------------------------------------------------------------------------------ *
   * Or a MongoDB as session store: uncomment this line instead.
   * ------------------------------------------------------------------------------------------ */
  // adapter: 'mongo',

  // host: 'localhost', // where it runs
  // port: 27017, // and where it listens
  // db: 'sails', // name of the database
  // collection: 'sessions', // where in it the sessions stand

  // Optional values.
  // url: 'mongodb://user:pass@host:port/database/collection', // wins over the ones above
  // username: '', // who logs in to it
  // password: '', // and how
  // ssl: false, // true: connect over TLS
  // stringify: true, // false: store documents instead of text
} satisfies SessionConfigInput
