import { encodePulseFrame } from '@knothole/wire'
import { expect, test } from 'vitest'
import { AttemptCarrier } from './attempt-carrier.ts'

const pong = encodePulseFrame({ type: 'pong', number: 1 })

function outputsOf(carrier: AttemptCarrier): string[] {
  const outputs: string[] = []
  for (let out = carrier.poll(); out !== undefined; out = carrier.poll())
    outputs.push(out.type === 'rtc' ? out.command.type : out.type)
  return outputs
}

/** Lets time pass, deadline by deadline. */
function pass(carrier: AttemptCarrier, untilMs: number): void {
  for (let due = carrier.deadlineMs(); due !== undefined && due <= untilMs;) {
    carrier.tick(due)
    due = carrier.deadlineMs()
  }
}

test('E207: is named after the way it was opened', () => {
  expect(new AttemptCarrier(1, 'predicted', 0).path).toBe('predicted')
  expect(new AttemptCarrier(1, 'birthday-block', 0).path).toBe('birthday')
  expect(new AttemptCarrier(1, 'birthday-shared', 0).path).toBe('birthday')
})

test('E207: passes packets on, and keeps its pulse to itself', () => {
  const carrier = new AttemptCarrier(1, 'predicted', 0)
  const frame = new Uint8Array([1])
  carrier.handle({ type: 'frame', channel: 'talk', frame }, 1)
  carrier.handle({ type: 'frame', channel: 'bulk', frame }, 1)
  carrier.handle({ type: 'frame', channel: 'pulse', frame: pong }, 1)
  expect(outputsOf(carrier)).toEqual(['packet', 'packet'])
})

test('E208: silence makes it unusable, a sign of life usable again', () => {
  const carrier = new AttemptCarrier(1, 'predicted', 0)
  pass(carrier, 3_000)
  expect(carrier).toMatchObject({ open: true, usable: false })
  outputsOf(carrier)
  carrier.handle({ type: 'frame', channel: 'pulse', frame: pong }, 3_000)
  expect(carrier.usable).toBe(true)
  expect(outputsOf(carrier)).toEqual(['changed'])
})

test('E208: lasting silence ends it for good, and so does a failure', () => {
  const silent = new AttemptCarrier(1, 'predicted', 0)
  pass(silent, 20_000)
  expect(silent).toMatchObject({ open: false, usable: false })
  expect(outputsOf(silent).filter((type) => type === 'rtc-close')).toHaveLength(1)
  expect(silent.deadlineMs()).toBeUndefined()
  const failed = new AttemptCarrier(2, 'predicted', 0)
  failed.handle({ type: 'failed' }, 10)
  expect(outputsOf(failed)).toEqual(['rtc-close', 'changed'])
  failed.send('talk', new Uint8Array([1]))
  expect(outputsOf(failed)).toEqual([])
})
