import { defineConfig } from 'vitest/config';

/** Where .ci/run wants the numbers. */
const report = process.env['TEST_REPORT'];

/** What asserts about all the other files, after the last of them. */
const wholeRun = 'test/contract/whole-run.test.ts';

/** What needs SST's platform: `npm run infra:check`. */
const infrastructure = 'test/infra/**';

export default defineConfig({
  test: {
    globalSetup: 'test/harness/global-setup.ts',
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      {
        test: {
          name: 'tests',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [wholeRun, infrastructure],
          setupFiles: 'test/contract/setup.ts',
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'whole run', include: [wholeRun], pool: 'forks', sequence: { groupOrder: 1 } } },
    ],
  },
});
