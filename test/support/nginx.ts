/**
 * A real nginx for tests: from PATH, else its tests are skipped.
 */
import { type Balancer, hasBalancer, startBalancer } from './balancer.ts'
import { freePort } from './programs.ts'

/** Whether nginx can be run. */
export const hasNginx = hasBalancer('nginx')

/** Starts nginx with the inside of an `http` block whose server listens on 80; here it is a free port. */
export async function startNginx(http: string): Promise<Balancer> {
  const port = await freePort()
  // One process, as whoever runs the test, and nothing written outside of its folder.
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  )
  const inside = http.replace('listen 80;', `listen 127.0.0.1:${port};`)
  return startBalancer({
    command: 'nginx',
    args: (file) => ['-p', '.', '-c', file, '-e', 'stderr'],
    configuration: `
      daemon off; master_process off; pid nginx.pid; error_log stderr crit;
      events {}
      http { access_log off; ${own.join(' ')}\n${inside} }`,
    port,
  })
}
