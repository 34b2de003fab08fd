import { decodePulseFrame, encodePulseFrame } from '@knothole/wire'
import { expect, test } from 'vitest'
import { Link } from './link.ts'
import type { LinkOutput } from './link.ts'

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

/** A peer at the end of a path that loses large packets: answers the small pings among what went out. */
function answerSmall(link: Link, nowMs: number): LinkOutput[] {
  const outs: LinkOutput[] = []
  for (let out = link.poll(); out !== undefined; out = link.poll()) outs.push(out)
  for (const out of outs) {
    if (out.type !== 'rtc' || out.command.type !== 'send') continue
    const { channel, frame } = out.command
    const ping = channel === 'pulse' && frame.length < 100 ? decodePulseFrame(frame) : undefined
    if (ping?.ok !== true || ping.value.type !== 'ping') continue
    const pong = encodePulseFrame({ type: 'pong', number: ping.value.number })
    link.handleRtc(1, { type: 'frame', channel: 'pulse', frame: pong }, nowMs)
  }
  return outs
}

test('E435: a path that loses large packets is as good as none to the detours, in two seconds', () => {
  const link = connectedLink()
  link.send(new Uint8Array(1_800), 1_000)
  const types: string[] = []
  for (let nowMs = 1_000; nowMs < 3_000; nowMs += 50) {
    link.tick(nowMs)
    types.push(...answerSmall(link, nowMs).map(({ type }) => type))
  }
  expect(types).toContain('stuck')
  expect(link.status.state).toBe('connected')
  expect(link.status.diagnosis?.reason).toBe('large-packets')
})

test('E434: a path that brings nothing for a while is not taken for one that loses large packets', () => {
  const link = connectedLink()
  link.send(new Uint8Array(1_800), 1_000)
  for (let nowMs = 1_000; nowMs < 3_000; nowMs += 50) link.tick(nowMs)
  expect(link.status.state).toBe('reconnecting')
  expect(link.status.diagnosis?.reason).toBe(undefined)
})
