/** How a running app is asked to stop: once politely, twice at once. */

/** npm passes a Ctrl-C on that the terminal has sent us already: these two count as one. */
const echoMilliseconds = 500

const codes = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Resolves at the first SIGINT or SIGTERM; a further one, half a second later, ends the
 * process.
 */
export function stopSignal(owner: NodeJS.Process): Promise<'SIGINT' | 'SIGTERM'> {
  const { promise, resolve } = Promise.withResolvers<'SIGINT' | 'SIGTERM'>()
  let first: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    owner.on(signal, () => {
      first ??= performance.now()
      if (performance.now() - first > echoMilliseconds) owner.exit(codes[signal])
      resolve(signal)
    })
  }
  return promise
}
