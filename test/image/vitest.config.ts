import { defineConfig } from 'vitest/config';

/** Apart from the suite, because it needs an image to look at: test/image/run builds and mounts one. */
export default defineConfig({
  test: {
    include: ['test/image/*.check.ts'],
    reporters: ['verbose'],
    testTimeout: 400_000,
    hookTimeout: 120_000,
  },
});
