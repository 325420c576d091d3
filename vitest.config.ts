import { defineConfig } from 'vitest/config';

/** Where .ci/run wants the numbers. */
const report = process.env['TEST_REPORT'];

const TIMEOUT_MS = 60_000;

/** Files that run side by side, as most of them wait, or one after another because they need the machine to themselves. */
function project(name: string, files: { include: string[]; exclude?: string[] }, order: number) {
  return {
    test: {
      name,
      ...files,
      setupFiles: 'test/contract/setup.ts',
      pool: 'forks' as const,
      maxWorkers: order === 0 ? 3 : 1,
      sequence: { groupOrder: order },
      testTimeout: TIMEOUT_MS,
      hookTimeout: TIMEOUT_MS,
    },
  };
}

const faults = ['test/{faults,load}/**/*.test.ts', 'src/**/faults.test.ts'];
const browser = 'test/browser/**/*.test.ts';
/** What asserts about all the other files, after the last of them. */
const wholeRun = 'test/contract/whole-run.test.ts';
/** What needs SST's platform: `npm run infra:check`. */
const infrastructure = 'test/infra/**';

export default defineConfig({
  test: {
    globalSetup: 'test/harness/global-setup.ts',
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      project(
        'tests',
        {
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...faults, browser, wholeRun, infrastructure],
        },
        0,
      ),
      project('browser', { include: [browser] }, 1),
      project('faults', { include: faults }, 2),
      project('whole-run', { include: [wholeRun] }, 3),
    ],
  },
});
