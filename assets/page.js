/**
 * The page of a new app: the same calls over HTTP and over the socket, side by side. HTTP has to ask what
 * the session holds; the socket is told, because config/session.ts declares the fields public.
 */
import { connect, RequestError } from '/catamaran.js'

const client = connect()

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
  try {
    return await client[event](path, data)
  } catch (error) {
    if (error instanceof RequestError && error.status > 0) return error
    throw error
  }
}

function parseOrKeep(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

// ---------- what each hull sees ----------

let asked = 0

/** Asks over HTTP who is logged in; of two answers the one to the later question counts. */
async function ask() {
  asked += 1
  const question = asked
  const view = await callHttp('GET', '/me').then(readView, () => undefined)
  if (question === asked) show(hulls.http, view)
}

const readView = ({ status, body }) => (status === 200 ? body : undefined)

/** The socket was told: shows it, and asks over HTTP whether that says the same. */
function follow() {
  show(hulls.socket, client.session)
  ask()
}

function show(hull, view) {
  hull.view = view
  showFacts(hull.pane, view)
  const deck = document.querySelector('[data-deck]')
  const same = sameView(hulls.http.view, hulls.socket.view)
  showFacts(deck, hulls.socket.view ?? hulls.http.view)
  deck.dataset.agree = same
  deck.querySelector('[data-verdict]').textContent = same
    ? 'Both hulls see the same session.'
    : 'The hulls do not see the same session yet.'
}

function showFacts(place, view) {
  showFact(place, 'user', view?.userId, view ? 'nobody' : noAnswer)
  showFact(place, 'note', view?.note, view ? 'none' : noAnswer)
}

function showFact(place, name, value, otherwise) {
  const fact = place.querySelector(`[data-fact="${name}"]`)
  fact.textContent = value ?? otherwise
  fact.classList.toggle('empty', value == null)
}

/** What is not set is `null` in an answer, and not there in what was told. */
const sameView = (a, b) =>
  Boolean(a && b) &&
  (a.userId ?? null) === (b.userId ?? null) &&
  (a.note ?? null) === (b.note ?? null)

// ---------- what a person does ----------

async function act(hull, method, path, data) {
  const started = performance.now()
  hull.pane.setAttribute('aria-busy', 'true')
  try {
    const answer = await hull.call(method, path, data)
    showAnswer(hull, `${method} ${path}`, answer, performance.now() - started)
  } catch (error) {
    showAnswer(hull, `${method} ${path}`, { status: noAnswer, body: error.message })
  }
  hull.pane.removeAttribute('aria-busy')
  await ask()
}

const login = (hull, form) => act(hull, 'POST', '/login', Object.fromEntries(new FormData(form)))
const changeNote = (hull, form) => act(hull, 'PUT', '/note', Object.fromEntries(new FormData(form)))
const logout = (hull) => act(hull, 'POST', '/logout')

// ---------- what the socket is told ----------

/** The client comes back by itself, with the cookie the browser has then: there is nothing to do but to show it. */
function watchSocket() {
  client.on('connect', () => showState(hulls.socket, 'connected'))
  client.on('disconnect', () => showState(hulls.socket, 'not connected'))
  client.on('connect_error', () => showState(hulls.socket, 'no connection, trying again'))
  client.on('session', ({ type, ...body }) => {
    showAnswer(hulls.socket, `session:${type}`, { status: 'told', body })
    if (type !== 'expiring') follow()
  })
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
ask()
