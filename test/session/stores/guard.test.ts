import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGuard, within } from '../../../src/session/stores/guard.ts'
import { createHealth } from '../../../src/session/stores/health.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const never = () => new Promise<never>(() => {})

/** A guard over a link that the test changes; its clients are names. */
function guarded() {
  const warned: string[] = []
  const redact = (error: unknown) => error as Error
  const health = createHealth({
    ...{ label: 'Redis', address: 'h', redact },
    warn: (line) => void warned.push(line),
  })
  health.up()
  const state = { client: 'first' as string | undefined }
  const drop = vi.fn((_client: string, error: unknown) => {
    state.client = undefined
    health.down(error)
  })
  const { run } = createGuard<string>({
    ...{ name: 'redis', health, deadline: 1_000, redact },
    link: { current: () => state.client, drop },
    isReply: (error) => String(error).includes('READONLY'),
  })
  /** The connection breaks; what was under way fails. */
  function breakLine(): void {
    state.client = undefined
    health.down(new Error('gone'))
  }
  function reconnect(client: string | undefined): void {
    state.client = client
    health.up()
  }
  return { run, health, warned, drop, breakLine, reconnect }
}

const down = { code: 'E_STORE_DOWN', status: 503 }

describe('a command', () => {
  it('gives its answer, of the client that is there', async () => {
    const { run, drop } = guarded()

    expect(await run(async (client, again) => [client, again])).toEqual(['first', false])
    await pass(5_000)
    expect(drop).not.toHaveBeenCalled()
  })

  it('fails at once, with the reason, while there is no connection', async () => {
    const { run, breakLine } = guarded()
    breakLine()

    await expect(run(never)).rejects.toMatchObject({ ...down, cause: new Error('gone') })
  })

  it('fails so without a second word of a refusal that keeps us out', async () => {
    const { run, health, breakLine, warned } = guarded()
    breakLine()
    health.down(new Error('READONLY'))

    await expect(run(never)).rejects.toMatchObject({ ...down, cause: new Error('READONLY') })
    expect(warned).toEqual(['Redis at h is away (gone): what needs a session answers 503'])
  })

  it('that is answered shows that a client of the app’s own is back', async () => {
    const { run, health } = guarded()
    health.down(new Error('no answer'))

    await run(async () => 'here')

    expect(health.reason).toBeUndefined()
  })

  it('that is late costs its client, and fails by the time that is known', async () => {
    const { run, drop } = guarded()
    const failed = vi.fn()
    run(never).catch(failed)

    await pass(1_050)
    expect(drop).toHaveBeenCalledExactlyOnceWith('first', new Error('no answer within 1000 ms'))
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(down))
  })

  it('that is refused is not run again, and told of with the server’s words', async () => {
    const { run, warned, health } = guarded()
    const work = vi.fn(() => Promise.reject(new Error('READONLY')))

    await expect(run(work)).rejects.toMatchObject({ ...down, cause: new Error('READONLY') })

    expect(work).toHaveBeenCalledOnce()
    expect(warned).toEqual(['Redis at h refuses: READONLY'])
    expect(health.reason).toBeUndefined()
  })

  it('that fails on a connection that is whole is not run again', async () => {
    const { run } = guarded()
    const work = vi.fn(() => Promise.reject(new Error('odd')))

    await expect(run(work)).rejects.toMatchObject({ ...down, cause: new Error('odd') })
    expect(work).toHaveBeenCalledOnce()
  })
})

describe('a command whose connection breaks under it', () => {
  /** Its first run is cut off, and the server is back after a while. */
  function cutOff(again: () => Promise<unknown>, after = 400) {
    const ground = guarded()
    const cut = Promise.withResolvers<never>()
    const ran: unknown[] = []
    const running = ground.run((client, isAgain) => {
      ran.push([client, isAgain])
      return isAgain ? again() : cut.promise
    })
    ground.breakLine()
    cut.reject(new Error('cut'))
    setTimeout(() => ground.reconnect('second'), after)
    return { ...ground, ran, running }
  }

  it('is run once more, and told so, when the server is back in time', async () => {
    const { running, ran } = cutOff(async () => 'done')

    await pass(400)

    expect(await running).toBe('done')
    expect(ran).toEqual([
      ['first', false],
      ['second', true],
    ])
  })

  it('is so at once where the server is back before it is heard of', async () => {
    const { run, breakLine, reconnect } = guarded()
    const cut = Promise.withResolvers<string>()
    const running = run(async (client, again) => (again ? client : cut.promise))

    breakLine()
    reconnect('second')
    cut.reject(new Error('cut'))
    await pass(0)

    expect(await running).toBe('second')
  })

  it('is not where the server had refused it before', async () => {
    const { run, breakLine, reconnect } = guarded()
    const refusal = Promise.withResolvers<never>()
    const work = vi.fn(() => refusal.promise)
    const running = run(work)
    running.catch(() => {})

    breakLine()
    refusal.reject(new Error('READONLY'))
    await pass(10)
    reconnect('second')

    await expect(running).rejects.toMatchObject({ cause: new Error('READONLY') })
    expect(work).toHaveBeenCalledOnce()
  })

  it('is not where there is no client after all', async () => {
    const { running, ran, reconnect } = cutOff(async () => 'done')
    running.catch(() => {})

    await pass(10)
    reconnect(undefined)

    await expect(running).rejects.toMatchObject(down)
    expect(ran).toHaveLength(1)
  })

  it('fails with why it broke again', async () => {
    const { running, breakLine } = cutOff(async () => {
      breakLine()
      throw new Error('cut again')
    })
    running.catch(() => {})

    await pass(400)

    await expect(running).rejects.toMatchObject({ cause: new Error('gone') })
  })

  it('fails with why when it is not', async () => {
    const { running, ran } = cutOff(async () => 'done', 1_001)
    const failed = vi.fn()
    running.catch(failed)

    await pass(1_000)

    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ cause: new Error('gone') }))
    expect(ran).toHaveLength(1)
  })

  it('has only the rest of its time, which costs the new connection nothing', async () => {
    const { running, drop } = cutOff(never)
    const failed = vi.fn()
    running.catch(failed)

    await pass(999)
    expect(failed).not.toHaveBeenCalled()
    await pass(100)

    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(down))
    expect(drop).not.toHaveBeenCalled()
  })

  it('is not run a third time', async () => {
    const { running, ran } = cutOff(() => Promise.reject(new Error('cut again')))
    running.catch(() => {})

    await pass(2_000)

    await expect(running).rejects.toMatchObject(down)
    expect(ran).toHaveLength(2)
  })
})

describe('within', () => {
  it.each<[string, () => Promise<unknown>, unknown]>([
    ['an answer', async () => 'here', 'here'],
    ['an error', () => Promise.reject('no'), 'no'],
  ])('passes on %s, and leaves no timer', async (_, work, expected) => {
    const late = vi.fn()

    const settled = await within(1_000, work(), late).catch((error) => error)
    await pass(0)

    expect([settled, vi.getTimerCount()]).toEqual([expected, 0])
    expect(late).not.toHaveBeenCalled()
  })

  it('rejects after its time, and tells that first', async () => {
    const order: string[] = []
    const waited = within(1_000, never(), ({ message }) => order.push(message))
    const failed = waited.catch(() => order.push('rejected'))

    await pass(999)
    expect(order).toEqual([])
    await pass(2)
    await failed

    expect(order).toEqual(['no answer within 1000 ms', 'rejected'])
  })

  it('hears an answer that came while the process was busy', async () => {
    const answer = Promise.withResolvers<string>()
    const late = vi.fn()
    const waited = within(1_000, answer.promise, late)
    // What the sockets bring is heard between a timer and the immediate it sets.
    setTimeout(() => answer.resolve('here'), 1_000)

    await pass(1_001)

    expect(await waited).toBe('here')
    expect(late).not.toHaveBeenCalled()
  })
})
