import { feedIdOf } from '@knothole/wire'
import { expect, test } from 'vitest'
import { BodySeals } from './body-seals.ts'
import {
  bytesOf,
  hexOf,
  known,
  knownNonce,
  randomBytes,
  secret,
  subtle,
} from '../store/known-answers.testing.ts'
import { deriveRoomKeys } from './room-keys.ts'

const feed = feedIdOf(new Uint8Array(16).fill(1))
const other = feedIdOf(new Uint8Array(16).fill(2))

async function seals(random = randomBytes): Promise<BodySeals> {
  const { content } = await deriveRoomKeys(subtle, secret)
  return new BodySeals({ subtle, randomBytes: random }, content)
}

test('E398: known answer: a body is a nonce, ciphertext and tag, its feed authenticated beside it', async () => {
  const [sealed] = await (await seals(knownNonce)).seal(feed, [new Uint8Array([1, 2, 3])])
  expect(hexOf(sealed ?? new Uint8Array())).toBe(known.sealedBody)
})

test('E398: bodies open in their order, and only as those of their feed', async () => {
  const keeper = await seals()
  const plain = [new Uint8Array([1]), new Uint8Array([2, 2])]
  const sealed = await keeper.seal(feed, plain)
  expect(await keeper.open(sealed.map((body) => ({ feed, sealed: body })))).toEqual(plain)
  const wrong = sealed.map((body) => ({ feed: other, sealed: body }))
  expect(await keeper.open(wrong)).toEqual([undefined, undefined])
})

test('E398: what was changed, cut short or let go does not open', async () => {
  const keeper = await seals()
  const [sealed = new Uint8Array()] = await keeper.seal(feed, [new Uint8Array([1, 2, 3])])
  const changed = sealed.map((byte, at) => (at === 20 ? byte ^ 1 : byte))
  const bodies = [changed, sealed.slice(0, -1), new Uint8Array(3), undefined]
  expect(await keeper.open(bodies.map((body) => ({ feed, sealed: body })))).toEqual(
    bodies.map(() => undefined),
  )
  expect(bytesOf(known.contentKey).length).toBe(32)
})
