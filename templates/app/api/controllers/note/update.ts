import type { Action } from 'catamaran'

const longest = 200

/** PUT /note { note }: keeps a line of text in the visitor's session. An empty one takes it out. */
const update: Action = (req, res) => {
  const { note } = req.body ?? {}
  if (typeof note !== 'string' || note.length > longest) {
    const message = `Send a note of at most ${longest} characters.`
    return res.status(400).json({ code: 'E_NOTE', message })
  }
  if (note === '') delete req.session.note
  else req.session.note = note
  return { note: note || null }
}

export default update
