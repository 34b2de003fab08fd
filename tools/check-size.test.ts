// The built page is light enough, and check-size notices when it is not, or is not there.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkSize, limitBytes, sizeTable } from './check-size.mjs'
import { makeCheckout } from './checkout.testing.ts'
import { root } from './run.mjs'

// Hexadecimal of random bytes gzips to a little more than half of its length.
const incompressible = (sizeBytes: number): string => randomBytes(sizeBytes).toString('hex')

test('the page of this checkout is light enough', () => {
  const report = checkSize(root)
  console.log(sizeTable(report))
  expect(report.problems).toEqual([])
})

test('a page that was never built is a problem, and so is one without script', () => {
  expect(checkSize(makeCheckout({})).problems).toEqual([expect.stringContaining('npm run build')])
  const empty = makeCheckout({ 'apps/web/dist/index.html': '<p>hello' })
  expect(checkSize(empty).problems).toHaveLength(1)
})

test('scripts, styles and inline parts add up; images and maps do not count', () => {
  const report = checkSize(
    makeCheckout({
      'apps/web/dist/index.html': '<script>let a = 1</script><p>words</p><style>p{}</style>',
      'apps/web/dist/assets/a.js': 'let b',
      'apps/web/dist/assets/a.css': 'p{}',
      'apps/web/dist/assets/a.js.map': incompressible(limitBytes),
      'apps/web/dist/home.png': incompressible(limitBytes),
    }),
  )
  expect(report.problems).toEqual([])
  expect(report.weights.map(({ path }) => path)).toEqual([
    'assets/a.css',
    'assets/a.js',
    'index.html',
  ])
})

test.each(['assets/a.js', 'assets/a.css', 'worker.mjs'])('%s over the limit is found', (path) => {
  const folder = makeCheckout({
    'apps/web/dist/index.html': '',
    [`apps/web/dist/${path}`]: incompressible(limitBytes),
  })
  expect(checkSize(folder).problems).toEqual([expect.stringContaining(`at most ${limitBytes}`)])
})

test('a part that is fetched later does not count for the first load, and has its own limit', () => {
  const files = {
    'apps/web/dist/index.html': '<script>import("/assets/doctor-0a-_9Z12.js")</script>',
    'apps/web/dist/assets/doctor-0a-_9Z12.js': incompressible(limitBytes),
  }
  const light = checkSize(makeCheckout(files), { doctor: limitBytes * 2 })
  expect(light.problems).toEqual([])
  expect(light.totalBytes).toBeLessThan(100)
  expect(sizeTable(light)).toContain('assets/doctor-0a-_9Z12.js')
  const heavy = checkSize(makeCheckout(files), { doctor: limitBytes })
  expect(heavy.problems).toEqual([expect.stringContaining('part doctor')])
  const unknown = checkSize(makeCheckout(files), {})
  expect(unknown.problems).toEqual([expect.stringContaining('no limit')])
})

test('a hashed file that the page names in a tag belongs to the first load', () => {
  const report = checkSize(
    makeCheckout({
      'apps/web/dist/index.html': '<script src="/assets/doctor-0a-_9Z12.js"></script>',
      'apps/web/dist/assets/doctor-0a-_9Z12.js': incompressible(limitBytes),
    }),
  )
  expect(report.problems).toEqual([expect.stringContaining(`at most ${limitBytes}`)])
})
