import { defineConfig } from 'vitest/config'

// Two projects: `unit` is pure, parallel and quick; `system` drives servers, browsers and network
// namespaces, so its files run one after the other (two browser suites at once starve two cores).
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/**/*.test.ts',
            'apps/**/*.test.ts',
            'lab/**/*.test.ts',
            'tools/**/*.test.ts',
          ],
          exclude: ['**/*.system.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['**/*.system.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
