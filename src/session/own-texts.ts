/**
 * The texts this process stored itself not long ago. They need no second look: read and written again
 * unchanged they give the very same text, which others' texts may not.
 */

export interface OwnTexts {
  add(text: string): void
  has(text: string | undefined): boolean
}

/** Characters remembered at most, some thousand sessions; forgetting one costs a comparison more. */
const mostRemembered = 8 * 2 ** 20

export function createOwnTexts(): OwnTexts {
  const texts = new Set<string>()
  let characters = 0

  return {
    add(text) {
      if (characters > mostRemembered) {
        texts.clear()
        characters = 0
      }
      characters += text.length
      texts.add(text)
    },
    has: (text) => text !== undefined && texts.has(text),
  }
}
