/** `catamaran new`: writes a new app. What it consists of stands in templates/app. */
import { command } from './command.ts'
import { assertGit, commitAll } from './git.ts'
import { dependencyRange } from './release.ts'
import { assertEmpty, planApp, writeApp } from './scaffold.ts'
import type { Terminal } from './terminal.ts'
import { runTool } from './tool.ts'

export const newApp = command({
  summary: 'Write a new app',
  example: 'catamaran new blog --install --git',
  operands: [{ name: 'dir', summary: 'Folder of the new app; made if it is missing' }],
  options: {
    install: { type: 'boolean', summary: 'Run `npm install` in it' },
    git: { type: 'boolean', summary: 'Run `git init` in it and commit' },
  },
  async run({ install, git }, terminal, { operands: [folder = ''] }) {
    const plan = planApp(folder, terminal.cwd)
    assertEmpty(plan.folder)
    if (git) assertGit(terminal.cwd)
    writeApp(plan, await dependencyRange((line) => terminal.warn(line)))
    if (install) await runTool('npm', ['install'], { cwd: plan.folder, stdio: 'inherit' })
    const note = git ? await commitAll(plan.folder) : undefined
    if (note) terminal.warn(note)
    printNext(folder, install === true, terminal)
    return 0
  },
})

function printNext(folder: string, installed: boolean, terminal: Terminal): void {
  terminal.print(`${terminal.paint('bold', folder)} is ready. Next:`)
  terminal.print('')
  const steps = installed ? ['npm start', 'npm test'] : ['npm install', 'npm start']
  const quoted = /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)
  for (const step of [`cd ${quoted}`, ...steps]) terminal.print(`  ${step}`)
}
