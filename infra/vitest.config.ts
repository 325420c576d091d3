import { defineConfig } from 'vitest/config';

/** Apart from the service's tests, because these need SST's platform: `npm run infra:check` provides it. */
export default defineConfig({
  test: {
    name: 'infrastructure',
    root: '.',
    include: ['test/infra/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
