import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { liftedForAll } from '../support/lift-files.ts'
import { packets, rawSocket } from './raw-packets.ts'
import { openLine } from './sleeper.ts'
import { expectAlive, files } from './victim.ts'

const victim = liftedForAll(files)

describe('Z08: a raw packet', () => {
  it.each(Object.entries(packets))('ends nothing but its own connection: %s', async (_, packet) => {
    const app = victim()
    const ws = await rawSocket(app)

    ws.send(packet)
    ws.send('42["get",7]')
    await ws.next()

    await expectAlive(app)
  })

  it('Z10: whose last binary part never comes is forgotten with its connection', async () => {
    const app = victim()
    const ws = await rawSocket(app)

    ws.send('452-["get",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    ws.send(Buffer.from('one'))
    ws.close()
    await ws.next()

    await expectAlive(app)
  })

  it('Z09: of more than maxHttpBufferSize closes the connection', async () => {
    const app = victim()
    const ws = await rawSocket(app)

    ws.send(`42["get","${'x'.repeat(1_000_001)}"]`)

    expect(await ws.next()).toBe('closed')
    await expectAlive(app)
  })

  it('is answered when its data or headers are deeper than anything can write', async () => {
    const app = victim()
    const ws = await rawSocket(app)
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`

    ws.send(`421["post",{"url":"/echo","data":${deep}}]`)
    const echoed = await ws.next()
    ws.send(`422["post",{"url":"/keep","data":${deep}}]`)
    const kept = await ws.next()
    ws.send(`423["get",{"url":"/","headers":{"x-deep":${deep}}}]`)
    const served = await ws.next()

    expect(echoed).toMatch(/^431\[\{"statusCode":500/)
    expect(kept).toMatch(/^432\[\{"statusCode":500/)
    expect(served).toMatch(/^433\[\{"statusCode":200/)
    await expectAlive(app)
  })
})

describe('Z09: a WebSocket frame', () => {
  /** A frame whose mask of zeros leaves it as it is, and which may claim to be longer than it is. */
  function frame(first: number, text: string, claimed = text.length): Buffer {
    const head = Buffer.alloc(14)
    head.set([first, 0xff])
    head.writeBigUInt64BE(BigInt(claimed), 2)
    return Buffer.concat([head, Buffer.from(text)])
  }
  const [text, begun, goesOn] = [0x81, 0x01, 0x00]

  /** The form that control frames have. */
  function short(first: number, payload: string): Buffer {
    return Buffer.concat([
      Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]),
      Buffer.from(payload),
    ])
  }

  const floods: Record<string, () => Buffer> = {
    'of 1.5 MB': () => frame(text, '4'.repeat(1_500_000)),
    'of a byte above the limit': () => frame(text, `4${'x'.repeat(1_000_000)}`),
    'that claims 100 MB': () => frame(text, '42', 100_000_000),
    'that claims more than there can be': () => frame(text, '42', 2 ** 53),
    'in 100,000 parts of a byte': () =>
      Buffer.concat([
        frame(begun, '4'),
        ...Array.from({ length: 100_000 }, () => frame(goesOn, 'x')),
      ]),
  }

  it.each(Object.entries(floods))('%s closes its connection', async (_, bytes) => {
    const app = victim()
    const line = (await openLine(app)).on('error', () => {}).resume()

    line.write(bytes())
    await once(line, 'close')

    await expectAlive(app)
  })

  it('with a ping is answered with a pong, 10,000 of them, and then the next event', async () => {
    const app = victim()
    const line = (await openLine(app)).on('error', () => {})
    const heard: Buffer[] = []
    line.on('data', (bytes: Buffer) => heard.push(bytes)).resume()
    const pong = Buffer.from([0x8a, 1, 'p'.charCodeAt(0)])
    const pongs = () => {
      const all = Buffer.concat(heard)
      let count = 0
      for (let at = all.indexOf(pong); at >= 0; at = all.indexOf(pong, at + 3)) count += 1
      return count
    }

    line.write(frame(text, '40'))
    await expect.poll(() => Buffer.concat(heard).includes('40{')).toBe(true)
    for (let times = 0; times < 10_000; times += 1) line.write(short(0x89, 'p'))
    line.write(frame(text, '421["get",{"url":"/"}]'))

    await expect.poll(pongs, { timeout: 15_000 }).toBe(10_000)
    await expect
      .poll(() => Buffer.concat(heard).includes('431[{"statusCode":200'), { timeout: 15_000 })
      .toBe(true)
  })

  it.each([
    ['of Engine.IO’s ping, which is the server’s to send', '2'],
    ['of an event of no binary parts, again and again', '450-["x"]'],
  ])('%s, ends its connection', async (_, packet) => {
    const app = victim()
    const ws = await rawSocket(app)

    for (let times = 0; times < 1000; times += 1) ws.send(packet)

    while ((await ws.next()) !== 'closed');
    await expectAlive(app)
  })

  it('of a text at the limit is served', async () => {
    const app = victim()
    const ws = await rawSocket(app)
    const around = '421["post",{"url":"/echo","data":""}]'.length

    ws.send(`421["post",{"url":"/echo","data":"${'x'.repeat(1_000_000 - around)}"}]`)

    expect(await ws.next()).toMatch(/^431\[\{"statusCode":200/)
  })
})
