/**
 * What the commit can do, and what it does it with; commit.ts and write.ts do it.
 */
import type { Ask } from './budget.ts'
import type { Endings } from './ending.ts'
import type { Known, KnownTexts } from './known.ts'
import type { Login } from './login.ts'
import type { PublicFields } from './public-fields.ts'
import type { Rotation } from './rotation.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { InTurn } from './turns.ts'
import type { Visit } from './visit.ts'

export interface Tools {
  readonly ask: Ask
  readonly inTurn: InTurn
  readonly endings: Endings
  readonly cookies: AnswerCookies
  readonly rotation: Rotation
  readonly login: Login
  readonly known: KnownTexts
  readonly publicFields: PublicFields | undefined
}

export interface CommitTools extends Tools {
  /** Goes on with the data of an object that was put in the place of the visit's session. */
  replace(visit: Visit, put: object): Visit
}

/** What the session object held when it was stored, and what is stored now. */
export interface Kept {
  readonly since: string
  readonly stored: string
  readonly known?: Known | undefined
}

export interface Committer {
  commit(visit: Visit): string | undefined | Promise<string | undefined>
  /** Stores the session if it changed; `saving` stores a new one even without data. */
  keep(visit: Visit, saving?: boolean): Promise<void>
  /** Stores the session as it is now under a new id. */
  rotate(visit: Visit, session: Session): Promise<void>
  /** The text the session object would have if nothing had changed. */
  untouched(visit: Visit, session: Session): string
  /** Remembers what is stored now, and shows it in the session; what changed after `since` stays. */
  kept(visit: Visit, session: Session, texts: Kept): void
  /** Tells when a session changed after its answer had begun, and whether it has: those changes are lost. */
  checkSealed(visit: Visit): boolean
}
