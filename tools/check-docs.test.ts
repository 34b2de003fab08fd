// The documentation names only what exists, and check-docs notices what does not.
import { expect, test } from 'vitest'
import { checkDocs } from './check-docs.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { root } from './run.mjs'

const base = {
  'package.json': { name: 'k', scripts: { start: 'a', lint: 'b' } },
  'apps/web/package.json': { name: '@knothole/web', scripts: { build: 'vite build' } },
  'apps/web/src/main.ts': '',
  'packages/wire/SPEC.md': '# Wire frames, version 1\n',
  'docs/home.png': '',
}

const check = (text: string): string[] => checkDocs(makeCheckout({ ...base, 'README.md': text }))

test('the documents of this checkout name only what exists', () => {
  expect(checkDocs(root)).toEqual([])
})

test.each([
  'See `apps/web`, `apps/web/src/main.ts`, `main.ts`, `src/main.ts` and `apps/*/package.json`.',
  'Run `npm start`, `npm run lint -- --fix` or `npm run build --workspace apps/web`.',
  '```sh\nnpm start\ncat apps/web/src/main.ts:12\n```',
  '![home](docs/home.png) [spec](packages/wire/SPEC.md#wire-frames-version-1) [web](apps/web/)',
  'Not paths: `a/b`, `application/json`, `/api/health`, `<name>.ts`, `Math.random`, `W1.2`.',
  'Made by tools: `apps/web/dist/index.html`, `.knothole/rooms.db`.',
  '[elsewhere](https://example.org/nowhere.md) [mail](mailto:a@example.org)',
])('%s passes', (text) => {
  expect(check(text)).toEqual([])
})

test.each([
  ['See `apps/web/src/gone.ts`.', 'apps/web/src/gone.ts'],
  ['See `gone.ts`.', 'gone.ts'],
  ['See `apps/gone/`.', 'apps/gone'],
  ['See `tools/*.gone`.', 'tools/*.gone'],
  ['Run `node tools/gone.mjs --fast`.', 'tools/gone.mjs'],
  ['```sh\ncat apps/gone.ts\n```', 'apps/gone.ts'],
  ['Run `npm test`.', 'npm run test'],
  ['```sh\nnpm run gone -- --all\n```', 'npm run gone'],
  ['Run `npm run lint -w apps/web`.', 'npm run apps/web lint'],
  ['[spec](packages/wire/GONE.md)', 'packages/wire/GONE.md'],
  ['[spec](packages/wire/SPEC.md#gone)', 'packages/wire/SPEC.md#gone'],
  ['[above](#gone)', '#gone'],
])('%s is found', (text, name) => {
  expect(check(text)).toEqual([`README.md: ${name} does not exist`])
})

test('relative links and paths start at their document', () => {
  const files = {
    ...base,
    'docs/a.md': '[spec](../packages/wire/SPEC.md) `./home.png` `../gone.md`',
  }
  expect(checkDocs(makeCheckout(files))).toEqual(['docs/a.md: ../gone.md does not exist'])
})
