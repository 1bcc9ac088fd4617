/**
 * What compression middleware does to a response, in small: it covers `writeHead`, `write`, `end` and
 * `flush` and sends what zlib makes of them.
 */
import type { ServerResponse } from 'node:http'
import { createGzip } from 'node:zlib'

export function compress(res: ServerResponse & { flush?: () => void }): void {
  const { write, end, writeHead, on } = res
  const zip = createGzip()
  let begun = false
  let ended = false
  zip.on('data', (part) => {
    if (!write.call(res, part, 'buffer' as never)) zip.pause()
  })
  zip.on('end', () => end.call(res, undefined, 'utf8'))
  on.call(res, 'drain', () => zip.resume())

  function begin(): void {
    if (!begun) res.writeHead(res.statusCode)
  }

  Object.assign(res, {
    writeHead(...args: Parameters<ServerResponse['writeHead']>) {
      if (!begun) {
        begun = true
        res.removeHeader('Content-Length')
        res.setHeader('Content-Encoding', 'gzip')
      }
      return writeHead.apply(res, args)
    },
    on(event: string, listener: () => void) {
      return event === 'drain' ? zip.on(event, listener) && res : on.call(res, event, listener)
    },
    write(part: string | Buffer) {
      if (ended) return false
      begin()
      return zip.write(part)
    },
    end(part?: string | Buffer) {
      if (ended) return res
      begin()
      ended = true
      if (part) zip.write(part)
      zip.end()
      return res
    },
    flush() {
      if (begun) zip.flush()
    },
  })
}
