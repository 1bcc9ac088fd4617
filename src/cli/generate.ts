/** `catamaran generate`: writes an action, controller, policy, response or test into the app. */
import { didYouMean } from '../config/closest.ts'
import { CatamaranError } from '../errors.ts'
import { appFolderOf } from './app-folder.ts'
import { command } from './command.ts'
import { type Kind, kinds } from './generate-kinds.ts'
import { type Plan, planFiles, writePlan } from './generate-plan.ts'
import { formOf } from './module-form.ts'
import { columns } from './table.ts'
import type { Terminal } from './terminal.ts'

export const generate = command({
  summary: 'Write an action, controller, policy, response or test',
  example: 'catamaran generate action user/login user/logout',
  operands: [
    { name: 'kind', summary: [...kinds.keys()].join(', ').replace(/, (\w+)$/, ' or $1') },
    { name: 'name...', summary: 'One or several, in folders too: user/change-password' },
  ],
  options: {
    force: { type: 'boolean', summary: 'Write files anew that are there already' },
    json: { type: 'boolean', summary: 'Print what was written as JSON' },
  },
  run({ force = false, json }, terminal, { operands: [word = '', ...names] }) {
    const kind = kindOf(word)
    const root = appFolderOf(terminal.cwd)
    const plans = planFiles(names, { root, word, kind, form: formOf(root), force })
    for (const plan of plans) writePlan(plan, root, force)
    if (json) terminal.print(JSON.stringify(plans.map(({ file, next }) => ({ file, next }))))
    else printWritten(plans, terminal)
    return 0
  },
})

function kindOf(word: string): Kind {
  const kind = kinds.get(word)
  if (kind) return kind
  const guess = didYouMean(word, kinds.keys())
  throw new CatamaranError('E_GENERATE_KIND', [word, guess && `:${guess}`])
}

function printWritten(plans: readonly Plan[], terminal: Terminal): void {
  for (const { file } of plans) terminal.print(`${terminal.paint('bold', file)} is written.`)
  terminal.print('Next:')
  terminal.print('')
  const steps = columns(plans.map(({ next }) => [`  in ${next.where}:`, next.line]))
  for (const step of new Set(steps)) terminal.print(step)
}
