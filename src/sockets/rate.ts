/**
 * How many events a socket may send: a bucket of tokens per socket, which fills by the second.
 */

export interface Rate {
  /** Takes a token: whether the event may pass, is refused, or is one too many of those that were refused. */
  take(socket: object): 'pass' | 'refuse' | 'end'
}

interface Bucket {
  tokens: number
  /** **Milliseconds**, by the clock. */
  at: number
  /** Refused since one last passed. */
  refused: number
}

/** @param now - a clock in **milliseconds** */
export function createRate(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  now: () => number = () => performance.now(),
): Rate {
  const buckets = new WeakMap<object, Bucket>()

  function bucketOf(socket: object): Bucket {
    const known = buckets.get(socket)
    if (known) return known
    const bucket = { tokens: burst, at: now(), refused: 0 }
    buckets.set(socket, bucket)
    return bucket
  }

  return {
    take(socket) {
      const bucket = bucketOf(socket)
      const at = now()
      bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
      bucket.at = at
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1
        bucket.refused = 0
        return 'pass'
      }
      bucket.refused += 1
      return bucket.refused > burst ? 'end' : 'refuse'
    },
  }
}
