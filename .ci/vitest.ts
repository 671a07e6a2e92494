import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from 'vitest/node'

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

/** What starts services and waits for them comes first: at the end it would run alone, and the others have nothing left to do beside it. */
class WaitersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = ({ moduleId }: TestSpecification) => /tests\/(main|service|cli\/demo|workers\/)/.test(moduleId)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

/** Most of what a test calls it calls a few times: to optimize that costs more than it gains. Later Nodes do not know the flag. */
const OPTIMIZE_LATER = process.version.startsWith('v20.') ? ['--interrupt-budget=800000'] : []

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // They need more than this: CI runs them apart, with `--config .ci/vitest.more.ts`.
    exclude: ['tests/{browser,faults}/**', '**/node_modules/**'],
    reporters: ['default', closingLine],
    env: { TZ: 'America/New_York' },
    // For machines that are busy with other things, where a service alone takes half a minute: what hangs is told soon enough.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: false,
    sequence: { sequencer: WaitersFirst },
    // Some of the time is waiting for children: on two cores, the third worker works meanwhile.
    maxWorkers: 3,
    // A worker that collects garbage or compiles on threads of its own takes them from the two others: a quarter of the time.
    execArgv: ['--single-threaded', '--max-semi-space-size=64', ...OPTIMIZE_LATER],
  },
})
