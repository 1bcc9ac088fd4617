/**
 * The page a browser gets when something went wrong: one file, no script, nothing to fetch.
 */

/** What the page says; all of it is escaped. */
export interface ErrorPage {
  readonly status: number
  readonly title: string
  readonly hint?: string | undefined
}

/** Writes the page. Its inline style is allowed by helmet's default content security policy. */
export function errorPage({ status, title, hint }: ErrorPage): string {
  const words = escapeHtml(title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} ${words}</title>
<style>
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1.5rem;
    box-sizing: border-box; font: 1.0625rem/1.5 system-ui, sans-serif;
    background: light-dark(#f6f8fa, #10161d); color: light-dark(#16202b, #e4eaf1) }
  main { max-width: 34rem; overflow-wrap: anywhere }
  p { margin: 0; color: light-dark(#51606f, #9fb0c1) }
  p:first-child { font: 600 1rem ui-monospace, monospace }
  h1 { margin: .25rem 0 .75rem; font-size: clamp(1.5rem, 6vw, 2.25rem); line-height: 1.2 }
</style>
</head>
<body>
<main>
<p>${status}</p>
<h1>${words}</h1>${hint ? `\n<p>${escapeHtml(hint)}</p>` : ''}
</main>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign)
}
