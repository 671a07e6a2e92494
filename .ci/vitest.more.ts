import { defineConfig } from 'vitest/config'
import suite from './vitest.ts'

/**
 * What needs more than `npm test`: the pages in a real browser (CHROMIUM names it, else /usr/bin/chromium), and services
 * that are killed, hostile servers and documents, which need the machine to themselves.
 */
export default defineConfig({
  test: {
    ...suite.test,
    include: ['tests/{browser,faults}/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // One at a time: two browsers are slower than one after the other on small machines.
    fileParallelism: false,
  },
})
