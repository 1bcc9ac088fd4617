/**
 * Clients that never read again once they are connected.
 */
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { shake, type Transport } from './raw.ts'

/** Socket.IO's CONNECT as a masked text frame; a mask of zeros leaves it as it is. */
const connectFrame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('40')])

/** The line of a WebSocket once it is open, paused. */
export async function openLine({ port }: { readonly port: number }, protocol = 4): Promise<Socket> {
  const line = connect(port, 'localhost')
  onTestFinished(() => void line.destroy())
  const head = [
    `GET /socket.io/?EIO=${protocol}&transport=websocket HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  line.write(`${head.join('\r\n')}\r\n\r\n`)
  await new Promise((resolve) => line.once('data', resolve))
  return line.pause()
}

/** A WebSocket that sleeps. */
async function webSocket(app: { readonly port: number }): Promise<Socket> {
  const line = await openLine(app)
  line.write(connectFrame)
  return line
}

/** A client of polling that sends a poll, and reads no answer. */
async function polling({ url, port }: { readonly url: string; readonly port: number }) {
  const { sid } = await shake(url, 'polling')
  await shake(url, 'polling', { sid })
  return poll(port, sid)
}

/** Sends a poll for this connection; the line its answer comes by, paused. */
export function poll(port: number, sid: string | undefined): Socket {
  const line = connect(port, 'localhost').pause()
  onTestFinished(() => void line.destroy())
  const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`
  line.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return line
}

/** Connects a client that sleeps, by either transport. */
export const sleepers: Readonly<Record<Transport, typeof polling>> = {
  websocket: webSocket,
  polling,
}
