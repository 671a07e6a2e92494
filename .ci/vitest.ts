import { defineConfig } from 'vitest/config'
import type { Reporter, TestModule } from 'vitest/node'

/** Ends the output with the plain line `N passed, N failed` that CI reads. */
const closingLine: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1
      // A file that breaks outside its tests (an import, a hook) is a failure of its own.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
    }
    // What broke outside of every file: a worker that crashed takes its tests along unseen.
    count.failed += errors.length
    console.log(`${count.passed} passed, ${count.failed} failed`)
  },
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // The browser suite needs Chromium: CI runs it apart, with `--config .ci/vitest.browser.ts`.
    exclude: ['tests/browser/**', '**/node_modules/**'],
    reporters: ['default', closingLine],
    env: { TZ: 'America/New_York' },
    testTimeout: 15_000,
    isolate: false,
    // Much of the time is waiting for children: on two cores, one worker (the default) leaves one of them idle.
    maxWorkers: 2,
  },
})
