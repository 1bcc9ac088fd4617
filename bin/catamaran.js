#!/usr/bin/env node
// The door of the command `catamaran`: checks the Node version before anything that an old one
// cannot read.
// Written without newer syntax and without static imports, so that an old Node gets as far as
// the message.
const wanted = [22, 18]
const found = process.versions.node.split('.').map(Number)

if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    `Catamaran needs Node ${wanted.join('.')} or newer, this is ${process.versions.node}: ` +
      'install Node 24, or run `npx catamaran` in an app, which uses the Node it brings.',
  )
  process.exitCode = 1
} else {
  process.getBuiltinModule('node:module').enableCompileCache()
  import('../dist/cli/main.js').catch((error) => {
    const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist.cli.main\.js/.test(error.message)
    console.error(unbuilt ? 'Catamaran is not built yet: run `npm run build` in it.' : error)
    process.exitCode = 1
  })
}
