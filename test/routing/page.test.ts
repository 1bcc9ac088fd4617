import { describe, expect, it } from 'vitest'
import { errorPage } from '../../src/routing/page.ts'

describe('the error page', () => {
  it('says status, title and hint', () => {
    const page = errorPage({ status: 404, title: 'Not Found', hint: 'Look elsewhere.' })

    expect(page).toContain('<title>404 Not Found</title>')
    expect(page).toContain('<h1>Not Found</h1>')
    expect(page).toContain('<p>Look elsewhere.</p>')
  })

  it('escapes all it is given', () => {
    const page = errorPage({ status: 500, title: `<script>'"&`, hint: '</style><img onerror=x>' })

    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('&lt;script&gt;&#39;&quot;&amp;')
  })

  it('fits a phone, follows light and dark, and fetches nothing', () => {
    const page = errorPage({ status: 500, title: 'x' })

    expect(page).toContain('width=device-width')
    expect(page).toContain('light dark')
    expect(page).not.toMatch(/https?:|<script|<link|src=/)
  })
})
