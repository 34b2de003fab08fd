import { defineConfig } from 'vitest/config'

const generated = ['**/node_modules/**', '**/dist/**', '**/.cache/**']

// Two projects: `unit` is pure, parallel and quick; `system` drives servers, browsers and network
// namespaces, so its files run one after the other (two browser suites at once starve two cores).
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    // A forgotten .only would let a run pass that tested next to nothing; so would an empty one.
    allowOnly: false,
    passWithNoTests: false,
    // Who waits for a state waits until it comes; a second is nothing to a busy machine.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/**/*.test.{ts,tsx}',
            'apps/**/*.test.{ts,tsx}',
            'lab/**/*.test.ts',
            'tools/**/*.test.ts',
          ],
          exclude: ['**/*.system.test.ts', ...generated],
          sequence: { groupOrder: 1 },
          // A busy machine is no bug: what is slow shows in the benchmarks.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['**/*.system.test.ts'],
          exclude: generated,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
