import { expect, test } from 'vitest'
import { Link } from './link.ts'

function outputsOf(link: Link): string[] {
  const types: string[] = []
  for (let out = link.poll(); out !== undefined; out = link.poll()) types.push(out.type)
  return types
}

function connectedLink(): Link {
  let connections = 0
  let sequence = 0
  const newConnection = (): number => ++connections
  const nextSequence = (): number => ++sequence
  const link = new Link({ polite: false, newConnection, nextSequence, random: () => 0.5 }, 0)
  link.start(0)
  link.handleRtc(1, { type: 'open' }, 100)
  expect(link.status.state).toBe('connected')
  outputsOf(link)
  return link
}

test('E216: when the last path fails the rendezvous is asked for a sign of life at once', () => {
  const link = connectedLink()
  link.handleRtc(1, { type: 'failed' }, 5_000)
  expect(outputsOf(link)).toContain('repair')
})

test('E216: a link that is closed asks for nothing', () => {
  const link = connectedLink()
  link.close(5_000)
  expect(outputsOf(link)).not.toContain('repair')
})
