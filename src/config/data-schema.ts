/**
 * `session.data`: a schema of the app's own, from zod or any library that follows Standard Schema.
 *
 * @see https://standardschema.dev
 */
import { z } from './zod.ts'

/** A schema, as far as it is used; its types say what it gives. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    validate(value: unknown): Validation | Promise<Validation>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** The data that fits a schema: what `Catamaran.SessionData` extends. */
export type SessionDataOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

declare global {
  namespace Catamaran {
    /** The app's own session fields; an app adds them by declaring this interface again. */
    interface SessionData {}
  }
}

/** What an app declares of its sessions. */
export type DeclaredData = Catamaran.SessionData

/** A field that the app declares; any text where it declares none. */
export type FieldName = keyof DeclaredData extends never ? string : keyof DeclaredData & string

/** One reason why a value does not fit. */
export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type Validation =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

/** A schema that answers at once: a session can't wait for another. */
export function dataSchema() {
  return z
    .custom<StandardSchema>(isStandard, 'must be a schema, such as z.object({ … }) of zod')
    .refine(isSync, 'must not be async: take out what waits, such as an async refine')
}

function isStandard(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  const standard: unknown = Reflect.get(value as object, '~standard')
  return typeof Reflect.get(Object(standard), 'validate') === 'function'
}

/** Asked about an empty session; what only shows later is refused by the commit. */
function isSync(schema: StandardSchema): boolean {
  try {
    const result = schema['~standard'].validate({})
    if (result instanceof Promise) result.catch(() => {})
    return !(result instanceof Promise)
  } catch {
    return true
  }
}
