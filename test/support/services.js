/**
 * `npm run services`: installs what the whole test suite uses beside Node, only what is missing:
 * redis-server, chromium, haproxy, nginx and PostgreSQL, by apt-get (as root or with sudo) or Homebrew. Says what it does.
 */
import { spawnSync } from 'node:child_process'

const services = [
  { commands: ['redis-server'], env: 'REDIS_URL', apt: 'redis-server', brew: ['redis'] },
  {
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    env: 'CHROMIUM',
    apt: 'chromium',
    brew: ['--cask', 'chromium'],
  },
  { commands: ['haproxy'], env: 'HAPROXY', apt: 'haproxy', brew: ['haproxy'] },
  { commands: ['nginx'], env: 'NGINX', apt: 'nginx-light', brew: ['nginx'] },
  { commands: ['psql'], env: 'POSTGRES_URL', apt: 'postgresql', brew: ['postgresql'] },
]

const has = (command) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error

function run(command, ...args) {
  console.log(`> ${[command, ...args].join(' ')}`)
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error || status !== 0) throw new Error(`${command} failed: ${error?.message ?? status}`)
}

function aptGet(...args) {
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', ...args]
  run(...(process.getuid() === 0 ? command : ['sudo', ...command]))
}

function install(missing) {
  if (has('apt-get')) {
    aptGet('update')
    aptGet('install', '--no-install-recommends', ...missing.map(({ apt }) => apt))
  } else if (has('brew')) {
    for (const { brew } of missing) run('brew', 'install', ...brew)
  } else {
    const names = missing.map(({ commands }) => commands[0]).join(' and ')
    throw new Error(`neither apt-get nor brew is here: install ${names} yourself`)
  }
}

const isThere = ({ commands, env }) => process.env[env] !== undefined || commands.some(has)
const missing = services.filter((service) => !isThere(service))

try {
  if (missing.length > 0) install(missing)
  console.log(`Ready: ${services.map(({ commands }) => commands[0]).join(', ')}`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
