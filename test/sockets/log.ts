/**
 * What an app says in its log, for tests that read it.
 */
import { vi } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'

/** Collects warnings and errors from now on, one text each. */
export function listenToLog({ app }: TestApp): string[] {
  const lines: string[] = []
  for (const level of ['warn', 'error'] as const) {
    vi.spyOn(app.log, level).mockImplementation((...words: unknown[]) => {
      lines.push(words.map(wordsOf).join(' '))
    })
  }
  return lines
}

function wordsOf(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given, errorText)
}

function errorText(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
