/**
 * Disks that are full, and files that can only be read. Where only root can make them, tests are skipped.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** Fills a disk to the last byte, with a file that can be removed. */
export function fillDisk(disk: string): string {
  const ballast = join(disk, 'ballast')
  expect(() => {
    for (;;) appendFileSync(ballast, Buffer.alloc(4_096))
  }).toThrow('ENOSPC')
  return ballast
}

/** A disk of 4 MB in memory, gone when the test has finished. */
export function mountDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'catamaran-disk-'))
  const done = mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder)
  onTestFinished(() => {
    if (done) unmount(folder)
    rmdirSync(folder)
  })
  return done ? folder : undefined
}

/**
 * Makes a file one that can only be read, by root too.
 *
 * @returns what makes it writable again, `undefined` where it can't be done
 */
export function makeReadOnly(file: string): (() => void) | undefined {
  if (process.getuid?.() !== 0) {
    chmodSync(file, 0o400)
    return () => chmodSync(file, 0o600)
  }
  if (!mount('--bind', file, file)) return undefined
  const free = () => void unmount(file)
  onTestFinished(free)
  return mount('-o', 'remount,ro,bind', file) ? free : undefined
}

const mount = (...words: string[]) => spawnSync('mount', words).status === 0
const unmount = (place: string) => spawnSync('umount', ['--lazy', place])
