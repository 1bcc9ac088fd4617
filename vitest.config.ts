import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Node runs the TypeScript source itself; vitest only collects and reports. */
const shared = {
  execArgv: ['--conditions=@catamaran/source'],
  experimental: { viteModuleRunner: false },
  testTimeout: 20_000,
  hookTimeout: 30_000,
  // What is waited for comes when the machine has time for it.
  expect: { poll: { timeout: 15_000 } },
}

/** Whole processes, servers of databases, browsers, installations, and what must wait for real time. */
const slow = [
  'test/{browser,cli,sails,start}/**/*.test.ts',
  'test/{app,log,mistakes,published-types,race}.test.ts',
  'test/bench.test.ts',
  'test/docs/{blocks,start,testing}.test.ts',
  'test/client/client.test.ts',
  'test/compat/{seed-000-mongo,seed-000-redis,seed-002-redis,sess-beside,socketstream,socketstream-redis}.test.ts',
  'test/histories/*.test.ts',
  'test/http/health.test.ts',
  'test/session/{dropin-apps,dropin-mounts,dropin-sockets,late-changes,parallel,rotation,secrets,store-down}.test.ts',
  'test/session/stores/{at-rest-app,lives,modeler-redis,open,postgres,previous-app}.test.ts',
  'test/session/stores/{mongo,redis,sqlite}*.test.ts',
  'test/nodes/*.test.ts',
  'test/sockets/{backlog,closing,expiry,fuzz,leaks,left-behind,outage,sessions}.test.ts',
  'test/support/**/*.test.ts',
]

/** Half a minute each and more: they begin first, so that at the end none keeps all others waiting. */
const longest = [
  'start/readme',
  'histories/stores',
  'browser/page',
  'cli/dev',
  'session/stores/redis-traffic',
  'session/stores/mongo-traffic',
  'session/stores/mongo-outage',
  'nodes/restart',
  'browser/client',
  'nodes/endings',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      longest.some((name) => moduleId.endsWith(`/test/${name}.test.ts`))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/** A report for CI, beside the one for people. */
const report = process.env['REPORT']

export default defineConfig({
  test: {
    // Also on two processors: the tests wait more than they work.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          // Modules keep no state, so each process loads them once for all its files.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...slow, 'test/fixtures/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          include: slow,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
