/**
 * The page of a new app: the same calls over HTTP and over the socket, side by side.
 * Each hull is `{ name, call(method, path, data) }`; all the rest does not care which one it has.
 */
import { io } from '/socket.io/socket.io.esm.min.js'

// WebSocket at once; polling only where a proxy lets no WebSocket through.
const socket = io({ transports: ['websocket', 'polling'], tryAllTransports: true })

const hulls = {
  http: { name: 'http', title: 'HTTP', side: 'port hull', call: callHttp },
  socket: { name: 'socket', title: 'WebSocket', side: 'starboard hull', call: callSocket },
}

const noAnswer = 'no answer'

// ---------- the two ways to ask ----------

async function callHttp(method, path, data) {
  const body = data && JSON.stringify(data)
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const answer = await fetch(path, { method, headers, body })
  const text = await answer.text()
  return { status: answer.status, body: parseOrKeep(text) }
}

async function callSocket(method, path, data) {
  const event = method.toLowerCase()
  const ack = await socket.timeout(8000).emitWithAck(event, { url: path, data })
  return { status: ack.statusCode, body: ack.body }
}

function parseOrKeep(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// ---------- what each hull sees ----------

async function refresh() {
  await Promise.all([look(hulls.http), look(hulls.socket)])
  showDeck()
}

/** Asks one hull who is logged in, and shows it. */
async function look(hull) {
  hull.view = await hull.call('GET', '/me').then(readView, () => undefined)
  showFacts(hull.pane, hull.view)
}

const readView = ({ status, body }) => (status === 200 ? body : undefined)

function showFacts(place, view) {
  showFact(place, 'user', view?.userId, view ? 'nobody' : noAnswer)
  showFact(place, 'note', view?.note, view ? 'none' : noAnswer)
}

function showFact(place, name, value, otherwise) {
  const fact = place.querySelector(`[data-fact="${name}"]`)
  fact.textContent = value ?? otherwise
  fact.classList.toggle('empty', value == null)
}

function showDeck() {
  const deck = document.querySelector('[data-deck]')
  const same = sameView(hulls.http.view, hulls.socket.view)
  showFacts(deck, hulls.http.view ?? hulls.socket.view)
  deck.dataset.agree = same
  deck.querySelector('[data-verdict]').textContent = same
    ? 'Both hulls see the same session.'
    : 'The hulls do not see the same session yet.'
}

const isFresh = (view) => Boolean(view) && view.userId == null && view.note == null

const sameView = (a, b) => Boolean(a && b) && a.userId === b.userId && a.note === b.note

// ---------- what a person does ----------

async function act(hull, method, path, data) {
  // Another tab may have a newer cookie than this socket came with: nothing is lost by coming
  // again.
  if (hull === hulls.socket && isFresh(hull.view)) reconnect()
  const started = performance.now()
  hull.pane.setAttribute('aria-busy', 'true')
  try {
    const answer = await hull.call(method, path, data)
    showAnswer(hull, `${method} ${path}`, answer, performance.now() - started)
  } catch (error) {
    showAnswer(hull, `${method} ${path}`, { status: noAnswer, body: error.message })
  }
  hull.pane.removeAttribute('aria-busy')
}

async function login(hull, form) {
  await act(hull, 'POST', '/login', Object.fromEntries(new FormData(form)))
  await settle()
}

async function changeNote(hull, form) {
  await act(hull, 'PUT', '/note', Object.fromEntries(new FormData(form)))
  await settle()
}

async function logout(hull) {
  await act(hull, 'POST', '/logout')
  // The session has ended: a new handshake brings the browser a fresh cookie.
  if (hull === hulls.socket) return reconnect()
  await settle()
}

/**
 * Looks at both hulls; a socket that came with an older cookie than the browser has now
 * comes again.
 */
async function settle() {
  await refresh()
  const { http } = hulls
  if (http.view?.userId && http.view.userId !== hulls.socket.view?.userId) reconnect()
}

// ---------- the socket's own life ----------

/** A new handshake; `connect` below looks at both hulls when it is done. */
function reconnect() {
  socket.disconnect().connect()
}

function watchSocket() {
  socket.on('connect', () => {
    showState(hulls.socket, 'connected')
    refresh()
  })
  socket.on('disconnect', (reason) => {
    showState(hulls.socket, 'not connected')
    if (reason === 'io server disconnect') socket.connect()
  })
  socket.on('connect_error', () => showState(hulls.socket, 'no connection, trying again'))
  socket.on('session:ended', ({ reason, reconnect: again }) => {
    showAnswer(hulls.socket, 'session:ended', {
      status: reason,
      body: { reason, reconnect: again },
    })
    if (again) reconnect()
  })
}

/** Another tab may have changed the cookie: the tab in use carries the newest one. */
async function onFocus() {
  await refresh()
  if (isFresh(hulls.socket.view)) reconnect()
}

// ---------- the panes ----------

function buildPane(hull) {
  const pane = document.querySelector('#hull').content.cloneNode(true).firstElementChild
  const title = pane.querySelector('h2')
  title.textContent = hull.title
  title.id = `${hull.name}-title`
  pane.dataset.hull = hull.name
  pane.setAttribute('aria-labelledby', title.id)
  pane.querySelector('.side').textContent = hull.side
  pane.querySelector('[data-do="logout"]').addEventListener('click', () => logout(hull))
  onSubmit(pane, 'login', (form) => login(hull, form))
  onSubmit(pane, 'note', (form) => changeNote(hull, form))
  document.querySelector('[data-hulls]').append(pane)
  hull.pane = pane
}

function onSubmit(pane, name, run) {
  const form = pane.querySelector(`[data-form="${name}"]`)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    run(form)
  })
}

function showState(hull, text) {
  const state = hull.pane.querySelector('[data-state]')
  state.textContent = text
  state.dataset.state = text
}

/** Puts the newest answer on top and keeps the last six. */
function showAnswer(hull, call, { status, body }, milliseconds) {
  const list = hull.pane.querySelector('[data-answers]')
  const item = document.createElement('li')
  const took = milliseconds === undefined ? '' : `${Math.round(milliseconds)} ms`
  item.dataset.good = !(status === noAnswer || status >= 400)
  item.append(
    part('span', 'call', call),
    part('span', 'status', status),
    part('span', 'took', took),
  )
  if (body !== undefined && body !== '') item.append(part('code', 'body', inLine(body)))
  list.prepend(item)
  while (list.children.length > 6) list.lastElementChild.remove()
}

function part(tag, name, text) {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = text
  return element
}

const inLine = (body) => (typeof body === 'string' ? body : JSON.stringify(body))

buildPane(hulls.http)
buildPane(hulls.socket)
showState(hulls.http, 'ready')
showState(hulls.socket, 'connecting')
watchSocket()
look(hulls.http)
window.addEventListener('focus', onFocus)
