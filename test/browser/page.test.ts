import { join } from 'node:path'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { describeChromium, startChromium } from '../support/chromium.ts'

const root = join(import.meta.dirname, '../..')

type Hull = 'http' | 'socket'

describeChromium('the demo page', () => {
  let chromium: Browser
  let app: TestApp
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  beforeEach(async () => {
    app = await testApp(root)
    context = await chromium.newContext()
    page = await openPage()
  })
  afterEach(async () => {
    await context.close()
    await app.close()
  })

  async function openPage(): Promise<Page> {
    const opened = await context.newPage()
    await opened.goto(app.url)
    await sees(opened, 'socket', 'user', /\w/)
    return opened
  }

  it.each<[Hull, Hull]>([
    ['http', 'socket'],
    ['socket', 'http'],
  ])('shows a login over %s on the %s side too', async (door, other) => {
    await press(page, door, '[data-form=login] [type=submit]')

    await sees(page, other, 'user', 'ada')
    await sees(page, door, 'user', 'ada')
    await hasText(page.locator('[data-verdict]'), /same session/)
  })

  it('keeps a login over the socket through a reload', async () => {
    await press(page, 'socket', '[data-form=login] [type=submit]')
    await sees(page, 'http', 'user', 'ada')

    await page.reload()

    await sees(page, 'http', 'user', 'ada')
    await sees(page, 'socket', 'user', 'ada')
  })

  it.each<[Hull]>([['http'], ['socket']])(
    'shows a logout over %s in the other tab',
    async (door) => {
      await press(page, 'http', '[data-form=login] [type=submit]')
      await sees(page, 'socket', 'user', 'ada')
      const second = await openPage()
      await sees(second, 'socket', 'user', 'ada')

      await press(page, door, '[data-do=logout]')

      await sees(second, 'socket', 'user', 'nobody')
      await sees(second, 'http', 'user', 'nobody')
      await sees(page, 'http', 'user', 'nobody')
    },
  )

  it.each<[Hull]>([['http'], ['socket']])(
    'W7: shows a login and a note of a newcomer over %s in the other tabs, opened before',
    async (door) => {
      const others = [await openPage(), await openPage()]

      await press(page, door, '[data-form=login] [type=submit]')
      for (const other of others) await sees(other, 'socket', 'user', 'ada')
      await note(page, door, 'fair wind')

      for (const other of others) {
        await sees(other, 'socket', 'note', 'fair wind')
        await sees(other, 'http', 'user', 'ada')
        await hasText(other.locator('[data-verdict]'), /same session/)
      }
    },
  )

  it('W7: shows the next login in a tab that was told of the logout', async () => {
    const second = await openPage()
    await press(page, 'http', '[data-form=login] [type=submit]')
    await sees(second, 'socket', 'user', 'ada')
    await press(page, 'http', '[data-do=logout]')
    await sees(second, 'socket', 'user', 'nobody')
    await hasText(hull(second, 'socket').locator('[data-state]'), 'connected')
    await hasText(hull(page, 'socket').locator('[data-state]'), 'connected')

    await press(page, 'http', '[data-form=login] [type=submit]')

    await sees(second, 'socket', 'user', 'ada')
    await sees(second, 'http', 'user', 'ada')
  })

  it('names every field and button, and tells what changes to who can’t see it', async () => {
    for (const door of ['HTTP', 'WebSocket']) {
      const region = page.getByRole('region', { name: door })
      for (const name of ['User', 'Note']) {
        expect(await region.getByRole('textbox', { name }).count()).toBe(1)
      }
      expect(await region.getByLabel('Password').count()).toBe(1)
      for (const name of ['Log in', 'Log out', 'Change']) {
        expect(await region.getByRole('button', { name, exact: true }).count()).toBe(1)
      }
      expect(await region.getByRole('status').count()).toBe(1)
      expect(await region.locator('[aria-live=polite]').count()).toBe(1)
    }
  })

  it('changes a value on either side', async () => {
    await note(page, 'http', 'set over HTTP')
    await sees(page, 'socket', 'note', 'set over HTTP')

    await note(page, 'socket', 'set over the socket')

    await sees(page, 'http', 'note', 'set over the socket')
  })

  it('logs in and out again and again, on either side', async () => {
    for (const door of ['socket', 'http', 'socket'] as const) {
      await press(page, door, '[data-form=login] [type=submit]')
      await sees(page, 'http', 'user', 'ada')
      await sees(page, 'socket', 'user', 'ada')

      await press(page, door, '[data-do=logout]')
      await sees(page, 'http', 'user', 'nobody')
      await sees(page, 'socket', 'user', 'nobody')
    }
  })

  it('shows the answer of each call, and a wrong password', async () => {
    await hull(page, 'http').locator('[name=password]').fill('wrong')

    await press(page, 'http', '[data-form=login] [type=submit]')

    const answers = hull(page, 'http').locator('[data-answers]')
    await hasText(answers, /POST \/login/)
    await hasText(answers, /401/)
  })

  it('works by keyboard alone', async () => {
    await hull(page, 'socket').locator('[name=user]').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')

    await sees(page, 'http', 'user', 'ada')
    await hull(page, 'socket').locator('[type=submit]').first().focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')

    await sees(page, 'http', 'user', 'nobody')
  })

  it('keeps what has the focus clear of the deck', { timeout: 60_000 }, async () => {
    await page.setViewportSize({ width: 390, height: 420 })
    const covered: unknown[] = []

    await hull(page, 'socket').locator('[data-form=note] [type=submit]').focus()
    for (let times = 0; times < 10; times += 1) {
      await page.keyboard.press('Shift+Tab')
      covered.push(await page.evaluate(coveredByDeck))
    }

    expect(covered.filter((name) => name !== null)).toEqual([])
  })

  it.each([390, 1280])('fits a screen %d pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 800 })

    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )

    expect(overflow).toBe(0)
  })

  it('runs without an error in the console', async () => {
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))

    await page.reload()
    await sees(page, 'socket', 'user', 'nobody')

    expect(faults).toEqual([])
  })
})

/** What has the focus, where the deck lies over it. */
const coveredByDeck = `(() => {
  const { activeElement: focus } = document
  const deck = document.querySelector('[data-deck]').getBoundingClientRect()
  const { top, bottom } = focus.getBoundingClientRect()
  const isCovered = focus !== document.body && top < deck.bottom && bottom > deck.top
  return isCovered ? focus.name || focus.textContent : null
})()`

function hull(page: Page, door: Hull): Locator {
  return page.locator(`[data-hull=${door}]`)
}

async function press(page: Page, door: Hull, button: string): Promise<void> {
  await hull(page, door).locator(button).click()
}

async function note(page: Page, door: Hull, text: string): Promise<void> {
  await hull(page, door).locator('[name=note]').fill(text)
  await press(page, door, '[data-form=note] [type=submit]')
}

async function sees(
  page: Page,
  door: Hull,
  fact: 'user' | 'note',
  text: string | RegExp,
): Promise<void> {
  await hasText(hull(page, door).locator(`[data-fact=${fact}]`), text)
}

async function hasText(place: Locator, text: string | RegExp): Promise<void> {
  const wanted = typeof text === 'string' ? new RegExp(`^\\s*${text}\\s*$`) : text
  await expect.poll(() => place.textContent(), { timeout: 8000 }).toMatch(wanted)
}
