/** W6: tickets, by which what happens over a socket changes the browser's cookie. */
import { describe, expect, it } from 'vitest'
import type { Tickets } from '../../src/session/tickets.ts'
import type { Identity } from '../../src/session/visit.ts'
import { createGround, createRequest, type Ground, loggedIn, openEvent } from './ground.ts'

type Act = Parameters<Awaited<ReturnType<typeof socketOf>>['event']>[0]

/** A socket of a client that fetches cookies. */
async function socketOf(ground: Ground, cookie: string | undefined) {
  const found = await ground.sessions.identify(createRequest() as never, cookie)
  const owner = {}
  let identity: Identity = found.identity

  /** Runs one event; gives its ticket. */
  async function event(
    act: (
      session: Record<string, unknown> & { rotate(): unknown; regenerate(): unknown },
    ) => unknown,
    lines: string[] = [],
  ): Promise<string> {
    const { req, visit, end } = await openEvent(ground, { identity, owner, renewable: true })
    await act(req.session as never)
    await end()
    identity = visit.identity
    const { cookieId = '' } = found
    const moved =
      identity.stored && (identity.id !== cookieId || ground.sessions.wasReplaced(cookieId))
    return (await ticketsOf(ground)).issue(visit, { cookieId, moved, lines })
  }

  return { event, found, identity: () => identity }
}

async function ticketsOf({ sessions }: Ground): Promise<Tickets> {
  const tickets = await sessions.tickets()
  if (!tickets) throw new Error('there is no secret')
  return tickets
}

/** Redeems as a browser with this cookie; gives the cookie pair it has then. */
async function redeem(ground: Ground, cookie: string, ticket: string): Promise<string> {
  const { lines, done } = await (await ticketsOf(ground)).redeem(asking(cookie), ticket)
  done()
  return lines[0]?.split(';')[0] ?? ''
}

const asking = (cookie: string) => Object.assign(createRequest(), { headers: { cookie } }) as never

const login: Act = (session) => {
  session['userId'] = 'bob'
}

/** A browser that has logged in anew over its socket. */
async function rotated() {
  const ground = createGround()
  const { browser, id } = await loggedIn(ground, { userId: 'ada', theme: 'dark' })
  const socket = await socketOf(ground, browser.cookie)
  const ticket = await socket.event(login)
  return { ground, browser, id, socket, ticket }
}

const refusal = { code: 'E_TICKET', status: 403 }

describe('a login over a socket', () => {
  it('W6: rotates the session, and a ticket brings the browser its new cookie', async () => {
    const { ground, browser, id, socket, ticket } = await rotated()

    const cookie = await redeem(ground, browser.cookie, ticket)

    expect(socket.identity().id).not.toBe(id)
    expect(ground.told.moved).toMatchObject([{ to: { id: socket.identity().id }, how: 'rotated' }])
    expect(await ground.browser(cookie).data()).toEqual({ userId: 'bob', theme: 'dark' })
    expect(await browser.data()).toEqual({})
    expect(ground.told.warned).toEqual([])
  })

  it('W6: leaves nothing of the ticket in the record', async () => {
    const { ground, browser, socket, ticket } = await rotated()
    const before = await ground.store.textOf(socket.identity().id)

    await redeem(ground, browser.cookie, ticket)

    expect(before).toContain('"tickets"')
    expect(await ground.store.textOf(socket.identity().id)).not.toContain('"tickets"')
  })

  it('W6: asks the other sockets to come back, when the browser has the cookie', async () => {
    const { ground, browser, id, ticket } = await rotated()
    const before = [...ground.told.ended]

    await redeem(ground, browser.cookie, ticket)

    expect(before).toEqual([])
    expect(ground.told.ended).toMatchObject([{ id, reason: 'rotated', reconnect: true }])
  })

  it('W6: works on another node, with a secret that has become the second', async () => {
    const { ground, browser, ticket } = await rotated()
    const there = ground.node({ secrets: ['a newer secret', 'keyboard cat'] })

    const cookie = await redeem(there, browser.cookie, ticket)

    expect(await there.browser(cookie).data()).toMatchObject({ userId: 'bob' })
  })
})

describe('a ticket', () => {
  it('W6: works once', async () => {
    const { ground, browser, ticket } = await rotated()
    await redeem(ground, browser.cookie, ticket)

    const again = redeem(ground.node(), browser.cookie, ticket)

    await expect(again).rejects.toMatchObject(refusal)
  })

  it('W6: works for one of two that redeem it at once', async () => {
    const { ground, browser, ticket } = await rotated()

    const outcomes = await Promise.allSettled([
      redeem(ground, browser.cookie, ticket),
      redeem(ground.node(), browser.cookie, ticket),
    ])

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('W6: is nothing to another browser, with a session or without', async () => {
    const { ground, ticket } = await rotated()
    const { browser: other } = await loggedIn(ground, { userId: 'eve' })
    const newcomer = (await socketOf(ground, undefined)).found.cookie?.split(';')[0] ?? ''

    for (const cookie of [other.cookie, newcomer, '']) {
      await expect(redeem(ground, cookie, ticket)).rejects.toMatchObject(refusal)
    }
  })

  it('W6: works for half a minute', async () => {
    const { ground, browser, ticket } = await rotated()
    ground.time.now += 30_000

    await expect(redeem(ground, browser.cookie, ticket)).rejects.toMatchObject(refusal)
    ground.time.now -= 1
    expect(await redeem(ground, browser.cookie, ticket)).toMatch(/^sid=s%3A/)
  })

  it('W6: is refused when a character of it is changed, or when it was sealed by nobody', async () => {
    const { ground, browser, ticket } = await rotated()
    const changed = `${ticket.slice(0, 40)}${ticket[40] === 'A' ? 'B' : 'A'}${ticket.slice(41)}`
    const own = Buffer.from(JSON.stringify({ id: 'x', nonce: 'y', lines: [], end: 1e15 }))

    for (const forged of [changed, own.toString('base64url'), own.toString(), '', '"}']) {
      await expect(redeem(ground, browser.cookie, forged)).rejects.toMatchObject(refusal)
    }
  })

  it('P15: says neither the old id nor the new one', async () => {
    const { id, socket, ticket } = await rotated()
    const bare = Buffer.from(ticket, 'base64url').toString('latin1')

    for (const text of [ticket, bare]) {
      expect(text).not.toContain(id)
      expect(text).not.toContain(socket.identity().id)
    }
  })

  it('W6: leads to where the session stands, when it has moved on since', async () => {
    const { ground, browser, socket, ticket } = await rotated()
    await socket.event((session) => session.rotate())

    const cookie = await redeem(ground, browser.cookie, ticket)

    expect(await ground.browser(cookie).data()).toMatchObject({ userId: 'bob' })
  })

  it('P5: is worth nothing when the session was ended meanwhile', async () => {
    const { ground, browser, socket, ticket } = await rotated()
    await ground.store.destroy(socket.identity().id)

    await expect(redeem(ground, browser.cookie, ticket)).rejects.toMatchObject(refusal)
  })

  it('keeps what others change while it is redeemed', async () => {
    const { ground, browser, socket, ticket } = await rotated()
    const { id } = socket.identity()
    ground.store.before(async (verb) => {
      if (verb !== 'swap') return
      ground.store.before(undefined)
      const text = (await ground.store.textOf(id)) ?? ''
      await ground.store.put(id, text.replace('"dark"', '"light"'))
    })

    const cookie = await redeem(ground, browser.cookie, ticket)

    expect(await ground.browser(cookie).data()).toMatchObject({ userId: 'bob', theme: 'light' })
  })

  it('W6: brings the cookies an event has set', async () => {
    const ground = createGround()
    const { browser } = await loggedIn(ground)
    const socket = await socketOf(ground, browser.cookie)
    const ticket = await socket.event(() => {}, ['theme=dark; Path=/'])

    const { lines } = await (await ticketsOf(ground)).redeem(asking(browser.cookie), ticket)

    expect(lines).toEqual(['theme=dark; Path=/'])
  })
})

describe('regenerate over a socket', () => {
  it('W6: ends the old session and brings the cookie of the new one', async () => {
    const ground = createGround()
    const { browser, id } = await loggedIn(ground)
    const socket = await socketOf(ground, browser.cookie)

    const ticket = await socket.event(async (session) => {
      await session.regenerate()
    })
    const second = await socket.event(login)

    expect(await ground.browser(browser.cookie).data()).toEqual({})
    expect(ground.told.ended).toMatchObject([{ id, reason: 'regenerated', reconnect: true }])
    expect(ground.told.moved).toMatchObject([{ how: 'regenerated' }])
    await redeem(ground, browser.cookie, ticket)
    const cookie = await redeem(ground, browser.cookie, second)
    expect(await ground.browser(cookie).data()).toEqual({ userId: 'bob' })
  })
})

describe('a newcomer with two tabs', () => {
  it('W6: keeps a login over the socket of the first, whose cookie the second has replaced', async () => {
    const ground = createGround()
    const pair = (line: string | undefined) => line?.split(';')[0] ?? ''
    const first = await socketOf(ground, undefined)
    const second = await socketOf(ground, pair(first.found.cookie))
    const cookie = pair(second.found.cookie)

    const ticket = await first.event(login)

    const after = await redeem(ground, cookie, ticket)

    expect(await ground.browser(after).data()).toEqual({ userId: 'bob' })
    expect(ground.told.ended).toMatchObject([{ id: second.identity().id, reconnect: true }])
  })
})

describe('a handshake with an id that was just rotated away', () => {
  it('W6: leaves the browser its cookie: the ticket is redeemed with it', async () => {
    const { ground, browser, ticket } = await rotated()

    const { found } = await socketOf(ground, browser.cookie)

    expect(found.cookie).toBeUndefined()
    expect(await redeem(ground, browser.cookie, ticket)).toMatch(/^sid=/)
  })
})
