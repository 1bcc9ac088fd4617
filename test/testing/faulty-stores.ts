/**
 * Stores that break one promise of the contract each: a memory store of which a verb or two were spoilt.
 */
import { setImmediate as tick } from 'node:timers/promises'
import type { SessionStore } from '../../src/session/store.ts'
import { idsOf } from '../../src/testing/store-ground.ts'

/** What takes the place of verbs of a good store. */
export type Fault = (good: SessionStore, neighbour: SessionStore) => Partial<SessionStore>

const encode = (id: string) => id.replace(/\W/g, '_')

/** Stores a record whatever is there. */
async function force(good: SessionStore, id: string, text: string, ttl: number) {
  await good.destroy(id)
  return good.create(id, text, ttl)
}

const reading: Record<string, Record<string, Fault>> = {
  'has a name and says how far its swap is exact': {
    'has an empty name': () => ({ name: ' ' }),
    'says something else': () => ({ reach: 'far' as never }),
  },
  'reads what was created, and undefined for an id it does not know': {
    'reads an empty text instead': (good) => ({ read: async (id) => (await good.read(id)) ?? '' }),
    'keeps nothing': () => ({ create: async () => true }),
  },
  'forgets a record when its life is over': {
    'keeps all for ever': (good) => ({ create: (id, text) => good.create(id, text, 10 ** 9) }),
    'takes seconds for milliseconds': (good) => ({
      create: (id, text, ttl) => good.create(id, text, ttl / 1000),
    }),
  },
  'renews a life while reading, only when asked to': {
    'renews never': (good) => ({ read: (id) => good.read(id) }),
    'renews always': (good) => ({ read: (id) => good.read(id, 60) }),
  },
  'shortens a life while reading': {
    'only ever lengthens': (good) => ({
      read: (id, renew = 0) => good.read(id, renew < 10 ? undefined : renew),
    }),
  },
  'does not create by reading with renewal': {
    'leaves an empty record': (good) => ({
      async read(id, renew) {
        const text = await good.read(id, renew)
        if (renew) await good.create(id, '', renew)
        return text
      },
    }),
  },
}

const creating: Record<string, Record<string, Fault>> = {
  'refuses to create what exists, and keeps it': {
    overwrites: (good) => ({ create: (id, text, ttl) => force(good, id, text, ttl) }),
    'refuses, and overwrites': (good) => ({
      async create(id, text, ttl) {
        const isNew = (await good.read(id)) === undefined
        await force(good, id, text, ttl)
        return isNew
      },
    }),
  },
  'creates once for fifty at a time': {
    'looks first, then writes': (good) => ({
      async create(id, text, ttl) {
        if ((await good.read(id)) !== undefined) return false
        await tick()
        await force(good, id, text, ttl)
        return true
      },
    }),
  },
  'creates again after the end of a life': {
    'takes an id once': (good) => {
      const taken = new Set<string>()
      return {
        create: async (id, text, ttl) =>
          !taken.has(id) && !!taken.add(id) && good.create(id, text, ttl),
      }
    },
  },
  'keeps ids with odd characters apart': {
    'takes odd characters for the same': (good) => ({
      read: (id) => good.read(encode(id)),
      create: (id, text, ttl) => good.create(encode(id), text, ttl),
    }),
    'lists them otherwise': (good) => ({
      async *list() {
        for await (const id of good.list()) yield encodeURIComponent(id)
      },
    }),
  },
  'gives texts back as they were: empty, with any character, 64 KB long': {
    'trims them': (good) => ({
      swap: (id, before, after, ttl) => good.swap(id, before, after.trim(), ttl),
    }),
    'keeps 64 KB at most': (good) => ({
      create: (id, text, ttl) => good.create(id, text.slice(0, 65_536), ttl),
    }),
    'keeps no empty one': (good) => ({ read: async (id) => (await good.read(id)) || undefined }),
    'keeps Latin only': (good) => ({
      create: (id, text, ttl) =>
        good.create(id, Buffer.from(text, 'latin1').toString('latin1'), ttl),
    }),
  },
}

const swapping: Record<string, Record<string, Fault>> = {
  'swaps when the text is what is stored': {
    'says so, and does not': () => ({ swap: async () => 'done' }),
    'never does': (good) => ({ swap: async (id) => ({ text: await good.read(id) }) }),
  },
  'answers with the text stored now when it is another one': {
    overwrites: (good) => ({
      async swap(id, before, after, ttl) {
        const result = await good.swap(id, before, after, ttl)
        if (result !== 'done') await force(good, id, after, ttl)
        return result
      },
    }),
    'does not say what is stored': (good) => ({
      async swap(id, before, after, ttl) {
        const result = await good.swap(id, before, after, ttl)
        return result === 'done' ? result : { text: undefined }
      },
    }),
  },
  'gives with a destroy what it has removed, if it gives anything': {
    'gives a number': (good) => ({ destroy: async (id) => good.destroy(id).then(() => 1) }),
    'gives it twice': (good) => ({ destroy: (id) => good.read(id) }),
  },
  'never creates by a swap': {
    'brings back what is gone': (good) => ({
      async swap(id, before, after, ttl) {
        const result = await good.swap(id, before, after, ttl)
        if (result !== 'done' && result.text === undefined) await good.create(id, after, ttl)
        return result
      },
    }),
    'takes nothing for an empty text': (good) => ({
      async swap(id, before, after, ttl) {
        if (before === '' && (await good.create(id, after, ttl))) return 'done'
        return good.swap(id, before, after, ttl)
      },
    }),
  },
  'reads and swaps at once as it does by and by, where it can at all': {
    'reads something else at once': () => ({ readNow: () => '{}' }),
    'swaps whatever is there': (good) => ({
      swapNow: (id, _before, after, ttl) =>
        good.swapNow?.(id, good.readNow?.(id) ?? '', after, ttl) ?? false,
    }),
    'says so, and does not swap at once': () => ({ swapNow: () => true }),
  },
  'lets exactly one of fifty parallel swaps win': {
    'compares first, then writes': (good) => ({
      async swap(id, before, after, ttl) {
        const text = await good.read(id)
        if (text !== before) return { text }
        await tick()
        await force(good, id, after, ttl)
        return 'done'
      },
    }),
  },
  'gives a swapped record its new life, and a refused one none': {
    'leaves it its old life': (good) => ({
      swap: (id, before, after) => good.swap(id, before, after, 10),
    }),
    'renews a refused one': (good) => ({
      async swap(id, before, after, ttl) {
        await good.touch(id, ttl)
        return good.swap(id, before, after, ttl)
      },
    }),
  },
  'shortens a life by a swap': {
    'only ever lengthens': (good) => ({
      swap: (id, before, after, ttl) => good.swap(id, before, after, Math.max(ttl, 60)),
    }),
  },
}

const ending: Record<string, Record<string, Fault>> = {
  'renews a life by touch, and says whether there was one': {
    'always says yes': (good) => ({
      touch: (id, ttl) => good.touch(id, ttl).then(() => true),
    }),
    'renews nothing': (good) => ({ touch: async (id) => (await good.read(id)) !== undefined }),
    creates: (good) => ({
      async touch(id, ttl) {
        if (await good.touch(id, ttl)) return true
        await good.create(id, '', ttl)
        return false
      },
    }),
  },
  'shortens a life by touch': {
    'only ever lengthens': (good) => ({ touch: (id, ttl) => good.touch(id, Math.max(ttl, 60)) }),
  },
  'tells the seconds a record still lives, where it can': {
    'tells milliseconds': () => ({ secondsLeft: async () => 98_000 }),
    'tells of what is not there': () => ({ secondsLeft: async () => 98 }),
  },
  'destroys a record, and does not mind when there is none': {
    'minds when there is none': (good) => ({
      async destroy(id) {
        if ((await good.destroy(id)) === undefined) throw new Error('there is none')
      },
    }),
    'destroys all': (good) => ({ destroy: () => good.clear() }),
    'destroys nothing': () => ({ destroy: async () => undefined }),
  },
}

const surveying: Record<string, Record<string, Fault>> = {
  'lists and counts the living, page by page': {
    'lists the first page': (good) => ({
      async *list() {
        yield* (await idsOf(good)).slice(0, 1000)
      },
    }),
    'counts one that is gone': (good) => ({ count: async () => (await good.count()) + 1 }),
  },
  'may be listed while it changes, and left early': {
    'counts on where it was, over what moved up': (good) => ({
      async *list() {
        for (let at = 0; ; at += 1) {
          const id = (await idsOf(good))[at]
          if (id === undefined) return
          yield id
        }
      },
    }),
    'takes out what it lists': (good) => ({
      async *list() {
        for await (const id of good.list()) {
          await good.destroy(id)
          yield id
        }
      },
    }),
  },
  'clears all of its own': {
    'clears nothing': () => ({ clear: async () => {} }),
    'keeps the ids': (good) => ({
      async clear() {
        for await (const id of good.list()) await good.swap(id, '{}', '', 1)
      },
    }),
  },
  'leaves its neighbour alone': {
    'clears it, too': (good, neighbour) => ({
      clear: async () => void (await Promise.all([good.clear(), neighbour.clear()])),
    }),
    'lists it, too': (good, neighbour) => ({
      async *list() {
        yield* good.list()
        yield* neighbour.list()
      },
    }),
    'reads there, too': (good, neighbour) => ({
      read: async (id, renew) => (await good.read(id, renew)) ?? neighbour.read(id),
    }),
  },
  'says that it answers, and closes twice': {
    'says that it does not': () => ({
      check: () => Promise.reject(new Error('it does not answer')),
    }),
    'closes once': (good) => {
      let isClosed = false
      return {
        async close() {
          if (isClosed) throw new Error('it is closed')
          isClosed = true
          await good.close()
        },
      }
    },
  },
}

/** What breaks each promise, by the promise's sentence. */
export const faults: Readonly<Record<string, Record<string, Fault>>> = {
  ...reading,
  ...creating,
  ...swapping,
  ...ending,
  ...surveying,
}
