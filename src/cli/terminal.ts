/**
 * What a command may see of the process: where it runs, and two places to print.
 * Colours stay away from files and pipes, and where `NO_COLOR` asks for none.
 */
import { styleText } from '../builtin.ts'

export type Style = Parameters<typeof styleText>[0]

export interface Terminal {
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  /** Writes one line to the standard output. */
  print(line: string): void
  /** Writes one line to the standard error output. */
  warn(line: string): void
  /** Shows how far a long work is, on a line that the next one replaces; only where a person watches. */
  progress(line: string): void
  /** Colours text that goes to `print`, if a person reads it there. */
  paint(style: Style, text: string): string
  /** Colours text that goes to `warn`. */
  paintWarning(style: Style, text: string): string
}

/** Makes the terminal of a real process. */
export function createTerminal(owner: NodeJS.Process): Terminal {
  const { stdout, stderr } = owner
  return {
    cwd: owner.cwd(),
    environment: owner.env,
    print: (line) => void stdout.write(`${line}\n`),
    warn: (line) => void stderr.write(`${line}\n`),
    progress: (line) => {
      // Back to the first column, and away with what stood there.
      if (stderr.isTTY) stderr.write(`\r\u001B[K${line}`)
    },
    paint: (style, text) => styleText(style, text, { stream: stdout }),
    paintWarning: (style, text) => styleText(style, text, { stream: stderr }),
  }
}
