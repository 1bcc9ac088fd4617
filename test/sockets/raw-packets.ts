/**
 * Packets of Engine.IO and Socket.IO as no client sends them, and a WebSocket that sends them.
 */
import { onTestFinished } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'

type Sent = Readonly<Record<string, string>>

/** A WebSocket that speaks Engine.IO 4 by hand. */
export async function rawSocket(app: TestApp, headers: Sent = {}) {
  const address = `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
  // Node's own takes headers, too.
  const ws = new WebSocket(address, { headers } as never)
  closeAtEnd(new WeakRef(ws))
  const heardTexts: string[] = []
  let wake = () => {}
  function hear(text: string): void {
    heardTexts.push(text)
    wake()
  }
  ws.addEventListener('message', ({ data }) => hear(String(data)))
  ws.addEventListener('close', () => hear('closed'))
  async function next(): Promise<string | undefined> {
    if (heardTexts.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return heardTexts.shift()
  }
  await next()
  ws.send('40')
  await next()
  return { send: (data: string | Buffer) => ws.send(data), next, close: () => ws.close() }
}

/** Thousands come and go in one test: those that are gone are not to be kept until its end. */
function closeAtEnd(line: WeakRef<WebSocket>): void {
  onTestFinished(() => line.deref()?.close())
}

/** The same by polling; it polls when it is asked for what comes next. */
export async function rawPolls(app: TestApp, headers: Sent = {}) {
  const address = new URL('/socket.io/?EIO=4&transport=polling', app.url)
  const heardTexts: string[] = []
  async function next(): Promise<string | undefined> {
    if (heardTexts.length === 0) {
      const answer = await fetch(address, { headers })
      // Beside a close stands a packet that says nothing.
      const texts = answer.ok ? (await answer.text()).replace('6\x1e', '').split('\x1e') : ['1']
      heardTexts.push(...texts.map((text) => (text === '1' ? 'closed' : text)))
    }
    return heardTexts.shift()
  }
  address.searchParams.set('sid', JSON.parse((await next())?.slice(1) ?? '').sid)
  await fetch(address, { method: 'POST', headers, body: '40' })
  await next()
  return { next }
}

/** By what is wrong with them. */
export const packets: Readonly<Record<string, string | Buffer>> = {
  'an unknown engine packet': '9',
  'an empty text': '',
  'bytes out of nowhere': Buffer.from([4, 0, 255]),
  'an unknown socket packet': '49',
  'broken JSON': '42["get",{"url":',
  'an event that is no list': '42{"url":"/"}',
  'an empty event': '42[]',
  'a name that is a number': '42[7]',
  'a name that is null': '42[null,{}]',
  'a name that is an object': '42[{"a":1},{}]',
  'the reserved connect': '42["connect"]',
  'the reserved disconnect': '42["disconnect"]',
  'the reserved disconnecting': '42["disconnecting"]',
  'the reserved newListener': '42["newListener","x"]',
  'the reserved error': '42["error",{"a":1}]',
  'a huge ack id': `42${'9'.repeat(400)}["get",{"url":"/"}]`,
  'a negative ack id': '42-1["get",{"url":"/"}]',
  'an ack nobody waits for': '4399["x"]',
  'an ack that is no list': '4399{"a":1}',
  'a connect error': '44{"message":"x"}',
  'a second connect': '40',
  'an unknown namespace': '40/nope,',
  'an event in an unknown namespace': '42/nope,["get",{"url":"/"}]',
  'a namespace of 50 KB': `40/${'n'.repeat(50_000)},`,
  'a binary event without its bytes': '451-["get",{"_placeholder":true,"num":0}]',
  'a binary event of too many parts': '45999999-["get",{"_placeholder":true,"num":0}]',
  'a binary event of no parts': '450-["x"]',
  'a binary event without count': '45-["get"]',
  'a text within a binary event': '451-["get",{"url":{"_placeholder":true,"num":9}}]',
  'a probe': '2probe',
  'an upgrade': '5',
  'a close': '1',
  'an open': '0{"sid":"x"}',
  'depth 20,000': `42["post",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
}
