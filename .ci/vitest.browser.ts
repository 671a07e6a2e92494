import { defineConfig } from 'vitest/config'
import suite from './vitest.ts'

// The pages in a real browser: needs Chromium (CHROMIUM names it, else /usr/bin/chromium), so CI runs it apart.
export default defineConfig({
  test: {
    ...suite.test,
    include: ['tests/browser/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // One browser at a time: two are slower than one after the other on small machines.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
