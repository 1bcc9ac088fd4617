/**
 * The commands about collections and their indexes.
 */
import { type Doc, Refusal } from './bson.ts'
import type { Collection, Collections, Index } from './collections.ts'
import type { Command } from './crud.ts'
import type { Cursors } from './cursors.ts'
import { matches } from './match.ts'
import { equal, numberOf } from './order.ts'

const known = new Set(['key', 'name', 'unique', 'sparse', 'expireAfterSeconds', 'background', 'v'])

export function createIndexing(
  collections: Collections,
  cursors: Cursors,
): Record<string, Command> {
  const at = (command: Doc, name: string) =>
    collections.find(String(command['$db']), String(command[name]))

  return {
    createIndexes(command) {
      const collection = collections.make(String(command['$db']), String(command['createIndexes']))
      const numIndexesBefore = collection.indexes.size
      for (const wish of command['indexes'] as Doc[]) {
        if (isNew(collection, wish))
          collections.addIndex(collection, { v: 2, ...wish } as unknown as Index)
      }
      return { numIndexesBefore, numIndexesAfter: collection.indexes.size }
    },

    listIndexes(command) {
      const collection = at(command, 'listIndexes')
      const namespace = `${command['$db']}.${command['listIndexes']}`
      if (!collection) throw new Refusal(26, 'NamespaceNotFound', `ns does not exist: ${namespace}`)
      return cursors.open(namespace, [...collection.indexes.values()] as unknown as Doc[], command)
    },

    dropIndexes(command) {
      const collection = at(command, 'dropIndexes')
      if (!collection) throw new Refusal(26, 'NamespaceNotFound', 'ns not found')
      if (!collections.removeIndex(collection, String(command['index']))) {
        throw new Refusal(27, 'IndexNotFound', `index not found with name [${command['index']}]`)
      }
      return { nIndexesWas: collection.indexes.size + 1 }
    },

    create(command) {
      if (at(command, 'create')) {
        throw new Refusal(48, 'NamespaceExists', `Collection ${command['create']} already exists.`)
      }
      collections.make(String(command['$db']), String(command['create']))
      return {}
    },

    drop(command) {
      collections.drop(String(command['$db']), String(command['drop']))
      return {}
    },

    dropDatabase(command) {
      for (const { db, name } of collections.list()) {
        if (db === command['$db']) collections.drop(db, name)
      }
      return {}
    },

    listCollections(command) {
      const now = new Date()
      const docs = collections
        .list()
        .filter(({ db }) => db === command['$db'])
        .map(({ name }) => ({ name, type: 'collection', options: {}, info: { readOnly: false } }))
        .filter((doc) => matches((command['filter'] ?? {}) as Doc, { doc, now }))
      return cursors.open(`${command['$db']}.$cmd.listCollections`, docs, command)
    },
  }
}

/** Whether an index is to be made; the same one may be asked for again, another one of its name not. */
function isNew({ indexes }: Collection, wish: Doc): boolean {
  const odd = Object.keys(wish).find((option) => !known.has(option))
  if (odd) {
    const words = `The field '${odd}' is not valid for an index specification (or not known to the stand-in)`
    throw new Refusal(197, 'InvalidIndexSpecificationOption', words)
  }
  const name = String(wish['name'])
  const old = indexes.get(name) ?? [...indexes.values()].find(({ key }) => equal(key, wish['key']))
  if (!old) return true
  if (old.name === name && !equal(old.key, wish['key'])) {
    throw new Refusal(
      86,
      'IndexKeySpecsConflict',
      'An existing index has the same name as the requested index.',
    )
  }
  const lifeOf = (index: { expireAfterSeconds?: unknown }) => numberOf(index.expireAfterSeconds)
  if (
    old.name !== name ||
    lifeOf(old) !== lifeOf(wish) ||
    Boolean(old.unique) !== Boolean(wish['unique'])
  ) {
    throw new Refusal(
      85,
      'IndexOptionsConflict',
      'An equivalent index already exists with different options.',
    )
  }
  return false
}
