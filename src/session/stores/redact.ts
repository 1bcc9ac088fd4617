/**
 * Takes out of errors what no log may show. Knows no driver.
 */

/**
 * Makes a function that turns whatever a driver threw into an error without any of `secrets`, with words
 * even where Node gives none (both addresses of localhost refused).
 *
 * @param scrub - takes more out of a message; what it gives is what is shown
 */
export function createRedactor(
  secrets: readonly (string | undefined)[],
  scrub: (error: Error) => string,
) {
  const hidden = secrets.flatMap((secret) => (secret ? [secret, decoded(secret)] : []))

  return (thrown: unknown): Error => {
    const error = thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown
    const said = error instanceof Error ? error : new Error(String(error))
    const clean = hidden.reduce((text, secret) => text.replaceAll(secret, '***'), scrub(said))
    return clean === said.message ? said : new Error(clean)
  }
}

/** Undoes percent-encoding; what is malformed stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
