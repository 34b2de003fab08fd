import { expect, test } from 'vitest'

import { PRESET_NAMES, PRESETS, SEQUENTIAL_PORTS, type PresetName } from './presets.ts'
import {
  apartRuleset,
  coreCounterRuleset,
  firewallRuleset,
  hostCounterRuleset,
  routerRuleset,
} from './ruleset.ts'

const ADDRESS = '203.0.113.20'

function rulesetOf(name: PresetName): string {
  const [rules] = PRESETS[name].routers
  if (rules === undefined) throw new Error(`${name} has no router`)
  return routerRuleset(rules, { externalAddress: ADDRESS })
}

function chain(ruleset: string, name: string): string[] {
  const lines = ruleset.split('\n').map((line) => line.trim())
  const start = lines.indexOf(`chain ${name} {`)
  return start < 0 ? [] : lines.slice(start + 1, lines.indexOf('}', start))
}

const withRouter = PRESET_NAMES.filter((name) => PRESETS[name].routers.length > 0)

test.each(withRouter)('%s drops what comes unasked to the router itself', (name) => {
  expect(chain(rulesetOf(name), 'input').at(-1)).toBe('iifname "wan" drop')
})

test.each(withRouter)('%s never forwards untranslated or invalid packets', (name) => {
  const forward = chain(rulesetOf(name), 'forward')
  expect(forward[0]).toContain('policy drop')
  expect(forward[1]).toBe('ct state invalid drop')
  expect(forward.filter((line) => line.startsWith('iifname "wan"'))).toEqual([])
})

test('home keeps no memory of mappings and lets nobody in unasked', () => {
  expect(chain(rulesetOf('home'), 'prerouting')).toHaveLength(1)
  expect(rulesetOf('home')).not.toContain('@mappings')
})

test('home-open lets anyone in, home-adf only contacted addresses', () => {
  expect(chain(rulesetOf('home-open'), 'prerouting')[1]).not.toContain('@contacted')
  expect(chain(rulesetOf('home-adf'), 'prerouting')[1]).toContain('ip saddr . udp dport @contacted')
})

test('corporate draws ports at random, for UDP', () => {
  expect(chain(rulesetOf('corporate'), 'postrouting')).toContain(
    'oifname "wan" meta l4proto udp masquerade fully-random',
  )
})

test('sequential counts up by one over all its ports, from its own address', () => {
  const rule = chain(rulesetOf('sequential'), 'postrouting').find((line) => line.includes('snat'))
  const elements = [...(rule ?? '').matchAll(/(\d+) : (\d+)/g)].map(([, index, port]) => [
    Number(index),
    Number(port),
  ])
  expect(rule).toContain(`snat ip to ${ADDRESS}:numgen inc mod ${SEQUENTIAL_PORTS.count} map`)
  expect(elements).toEqual(
    Array.from({ length: SEQUENTIAL_PORTS.count }, (_, n) => [n, SEQUENTIAL_PORTS.first + n]),
  )
})

test('a mapping is remembered as long as the place says', () => {
  const [rules] = PRESETS['home-open'].routers
  if (rules === undefined) throw new Error('home-open has no router')
  const situation = { externalAddress: ADDRESS, mappingTimeoutSeconds: 30 }
  expect(routerRuleset(rules, situation)).toContain('timeout 30s')
  expect(rulesetOf('home-open')).toContain('timeout 120s')
})

test('per-address hashes the address and not the port of the other end', () => {
  const rule = chain(rulesetOf('per-address'), 'postrouting').find((line) => line.includes('snat'))
  expect(rule).toContain('jhash ip saddr . udp sport . ip daddr mod')
})

test('the IPv6 firewall lets nothing in unasked', () => {
  expect(chain(firewallRuleset(), 'forward').filter((line) => line.includes('accept'))).toEqual([
    'ct state established,related accept',
    'iifname "lan" oifname "wan" accept',
  ])
  expect(chain(firewallRuleset(), 'input').at(-1)).toBe('iifname "wan" drop')
})

test.each([
  ['tcp-only', undefined],
  ['udp-blocked', 'oifname "wan" tcp dport != { 443, 8080 } drop'],
  ['https-only', 'oifname "wan" tcp dport != { 443 } drop'],
] as const)('%s passes its ports and no other', (name, line) => {
  expect(chain(rulesetOf(name), 'forward').find((rule) => rule.includes('dport'))).toBe(line)
})

test('udp-blocked decides before established flows are accepted', () => {
  const forward = chain(rulesetOf('udp-blocked'), 'forward')
  const blocked = forward.indexOf('meta l4proto != tcp drop')
  expect(blocked).toBeGreaterThan(0)
  expect(blocked).toBeLessThan(forward.indexOf('ct state established,related accept'))
})

test('only home-hairpin turns packets round', () => {
  const turning = withRouter.filter((name) => rulesetOf(name).includes('oifname "lan"'))
  expect(turning).toEqual(['home-hairpin'])
})

test('the core does not count what the delay hop gives back', () => {
  expect(chain(coreCounterRuleset('hop'), 'count')[1]).toBe('iifname "hop" return')
  expect(hostCounterRuleset()).toContain('hook output')
})

test('who is kept apart loses UDP in both directions, and nothing else', () => {
  const apart = apartRuleset(['203.0.113.9'])
  expect(apart).toContain('ip saddr 203.0.113.9 meta l4proto udp drop')
  expect(apart).toContain('ip daddr 203.0.113.9 meta l4proto udp drop')
  expect(apart).not.toContain('policy drop')
  expect(apartRuleset([])).not.toContain('drop')
})

test('loading a ruleset replaces an earlier one', () => {
  expect(rulesetOf('home').split('\n').slice(0, 3)).toEqual([
    'table ip natlab',
    'delete table ip natlab',
    'table ip natlab {',
  ])
})
