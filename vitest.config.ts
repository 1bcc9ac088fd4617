import { defineConfig } from 'vitest/config'

/** Node runs the TypeScript source itself; vitest only collects and reports. */
const shared = {
  execArgv: ['--conditions=@catamaran/source'],
  experimental: { viteModuleRunner: false },
  testTimeout: 20_000,
  hookTimeout: 30_000,
}

/** Whole processes, browsers, installations, and what must wait for real time. */
const slow = [
  'test/{browser,cli,sails,start}/**/*.test.ts',
  'test/{app,log,mistakes,published-types}.test.ts',
  'test/bench.test.ts',
  'test/docs/{blocks,start,testing}.test.ts',
  'test/histories/stores.test.ts',
  'test/session/store-down.test.ts',
  'test/session/stores/{postgres,sqlite*}.test.ts',
  'test/session/stores/redis-{cluster,outage,traffic}.test.ts',
  'test/session/stores/mongo-{outage,traffic}.test.ts',
  'test/nodes/*.test.ts',
  'test/sockets/{backlog,closing,expiry,fuzz,leaks,outage}.test.ts',
]

/** A report for CI, beside the one for people. */
const report = process.env['REPORT']

export default defineConfig({
  test: {
    // Even on two processors: the tests wait more than they work.
    maxWorkers: 2,
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
