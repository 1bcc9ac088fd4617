// What the guide's code takes for granted: packages without types, and what sessions hold in its examples.
declare module 'connect-pg-simple'
declare module 'middler'
declare module 'modeler'

declare namespace Catamaran {
  interface SessionData {
    userId?: string
    note?: string
    email?: string
    views?: number
  }
}
