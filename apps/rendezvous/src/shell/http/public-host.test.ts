import { expect, it } from 'vitest'
import { isLoopbackName, parsePublicHost } from './public-host.ts'

it.each(['chat.example.org', 'localhost:8080', '192.0.2.1:80', '[2001:db8::1]:443', '[::1]', 'a'])(
  'R24 takes the host %s',
  (host) => {
    expect(parsePublicHost(host)?.host).toBe(host)
  },
)

it.each([
  undefined,
  '',
  'a b',
  'a/b',
  "a'; script-src *",
  'a:99999',
  'a:',
  '-a',
  'a"',
  'a,b',
  '[::1',
  'x'.repeat(300),
  'a\nb',
  '<a>',
])('R32 refuses the host %j', (host) => {
  expect(parsePublicHost(host)).toBeUndefined()
})

it('R24 knows names of this machine', () => {
  for (const name of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) {
    expect(isLoopbackName(name)).toBe(true)
  }
  for (const name of ['localhost.example.org', '128.0.0.1', '[::2]', '127.0.0.1.example.org']) {
    expect(isLoopbackName(name)).toBe(false)
  }
})
