/**
 * Finds the package a store is built on: the app's own copy first, then the one that came with Catamaran.
 * Nothing is loaded before an adapter asks for it.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CatamaranError } from '../../errors.ts'

export interface Driver<T> {
  adapter: string
  name: string
  /** All packages of the adapter, for `npm install`. */
  install: string
  /** Tells a version that fits; an app may have an older one for other things. */
  fits(loaded: unknown): loaded is T
}

/**
 * Loads a driver, as seen from the app's folder `root`.
 *
 * @throws {CatamaranError} `E_ADAPTER_MISSING` when neither place has one that fits
 */
export async function loadDriver<T>(root: string, driver: Driver<T>): Promise<T> {
  for (const place of [join(root, 'package.json'), import.meta.url]) {
    const path = resolveFrom(place, driver.name)
    if (path === undefined) continue
    const loaded: unknown = await import(pathToFileURL(path).href)
    if (driver.fits(loaded)) return loaded
  }
  throw new CatamaranError('E_ADAPTER_MISSING', [driver.adapter, driver.name, driver.install])
}

/** Where a package is, as seen from a file; `undefined` where it is not. */
export function resolveFrom(place: string, name: string): string | undefined {
  try {
    return createRequire(place).resolve(name)
  } catch {
    return undefined
  }
}
