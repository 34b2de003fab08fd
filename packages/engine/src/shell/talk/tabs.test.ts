import { expect, test } from 'vitest'
import type { PeerId } from '@knothole/wire'
import type { TalkInput } from '../../core/index.ts'
import { randomBytes } from '../store/known-answers.testing.ts'
import { Tabs } from './tabs.ts'
import { tabChannels } from './tabs.testing.ts'

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

class Windows {
  readonly open = tabChannels()

  window(logId = new Uint8Array(16)): { tabs: Tabs; heard: TalkInput[] } {
    const heard: TalkInput[] = []
    const input = (one: TalkInput): void => void heard.push(one)
    return { heard, tabs: new Tabs({ open: this.open, logId, randomBytes, input }) }
  }
}

const tabOf = (input: TalkInput | undefined): PeerId =>
  input !== undefined && 'tab' in input ? input.tab : ('' as PeerId)

test('E404: windows find each other, whoever came first, and speak to one', async () => {
  const windows = new Windows()
  const one = windows.window()
  await settled()
  const two = windows.window()
  const three = windows.window()
  await settled()
  for (const { heard } of [one, two, three])
    expect(heard.map(({ type }) => type)).toEqual(['tab-up', 'tab-up'])
  two.tabs.send(tabOf(two.heard[0]), new Uint8Array([7]))
  await settled()
  const frames = [one, three].map(({ heard }) => heard.slice(2))
  expect(frames.flat()).toMatchObject([{ type: 'tab-frame', data: new Uint8Array([7]) }])
})

test('E404: who goes is gone, and who has another room is not there', async () => {
  const windows = new Windows()
  const one = windows.window()
  const other = windows.window(new Uint8Array(16).fill(1))
  const two = windows.window()
  await settled()
  two.tabs.close()
  await settled()
  expect(one.heard.map(({ type }) => type)).toEqual(['tab-up', 'tab-down'])
  expect(other.heard).toEqual([])
})

test('E404: nonsense on the channel is not heard', async () => {
  const windows = new Windows()
  const one = windows.window()
  const channel = windows.open(`knothole ${'A'.repeat(22)}`, () => undefined)
  const nonsense: unknown[] = [
    undefined,
    7,
    {},
    { from: 1, type: 'log' },
    { from: 'x', type: 'hm' },
  ]
  for (const message of nonsense) channel.post(message as never)
  channel.post({ from: 'x', type: 'log', to: 'somebody else', data: new Uint8Array(1) })
  await settled()
  expect(one.heard).toEqual([])
})
