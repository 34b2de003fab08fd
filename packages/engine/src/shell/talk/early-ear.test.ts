import { encodeEntryBody, encodeLogFrame, feedIdOf, feedNameBytes } from '@knothole/wire'
import type { Bytes, EntryBody, MemberId } from '@knothole/wire'
import { describe, expect, test } from 'vitest'
import { Log, sha256 } from '../../core/log/index.ts'
import { BodySeals } from '../seals/body-seals.ts'
import { EarlyEar } from './early-ear.ts'
import { known, randomBytes, secret, subtle } from '../store/known-answers.testing.ts'
import { deriveRoomKeys } from '../seals/room-keys.ts'
import { memberOf } from '../seals/signing-key.ts'

const NOON = 1_800_000_000_000
const author = new Uint8Array(Buffer.from(known.identityPublicKey, 'hex'))
const name = { author, nonce: new Uint8Array(8).fill(7) }

const keys = await deriveRoomKeys(subtle, secret)
const ear = new EarlyEar({ subtle, randomBytes, keys })
const ana = await memberOf(subtle, author)

/** A frame with these bodies, as the author's log sends it. */
async function frameOf(bodies: readonly EntryBody[]): Promise<Bytes> {
  const feed = feedIdOf(sha256(feedNameBytes(keys.logId, name)))
  const seals = new BodySeals({ subtle, randomBytes }, keys.content)
  const sealed = await seals.seal(
    feed,
    bodies.map((body) => encodeEntryBody(body)),
  )
  const log = new Log({ logId: keys.logId })
  const draft = log.draft(name, sealed, NOON)
  if (draft === undefined) throw new Error('there is no draft')
  log.append(draft, new Uint8Array(64))
  const chunk = log.read(feed, 0)
  if (chunk === undefined) throw new Error('there is no chunk')
  return encodeLogFrame({ type: 'chunk', chunk })
}

const heard = (data: Bytes, member: MemberId = ana) => ear.hear({ member, name: 'Ana', data })

describe('before the code of the log is there', () => {
  test('E480: texts that a member says on its own link are understood, in order', async () => {
    const frame = await frameOf([
      { type: 'text', text: 'knock knock' },
      { type: 'text', text: 'who is there?' },
    ])
    const feed = feedIdOf(sha256(feedNameBytes(keys.logId, name)))
    expect(await heard(frame)).toEqual([
      expect.objectContaining({ id: `${feed}.1`, text: 'knock knock', author: ana, name: 'Ana' }),
      expect.objectContaining({ id: `${feed}.2`, text: 'who is there?', mine: false, atMs: NOON }),
    ])
  })

  test('E480: nothing else in it is', async () => {
    const frame = await frameOf([
      { type: 'membership', event: 'joined', name: 'Ana' },
      { type: 'text', text: 'hello' },
      { type: 'policy', keep: 'day' },
    ])
    expect((await heard(frame)).map(({ text }) => text)).toEqual(['hello'])
    expect(await heard(encodeLogFrame({ type: 'want', ranges: [] }))).toEqual([])
    expect(await heard(new Uint8Array([1, 2, 3]))).toEqual([])
  })

  test("E480: on somebody else's link it counts for nothing", async () => {
    const bob = await memberOf(subtle, new Uint8Array(32).fill(9))
    expect(await heard(await frameOf([{ type: 'text', text: 'I am Ana' }]), bob)).toEqual([])
  })

  test('E480: a changed frame says nothing', async () => {
    const frame = await frameOf([{ type: 'text', text: 'hello' }])
    const texts = [...frame.keys()].map(async (at) => {
      const changed = frame.map((byte, index) => (index === at ? byte ^ 1 : byte))
      return (await heard(changed)).map(({ text }) => text)
    })
    const said = (await Promise.all(texts)).flat()
    expect(said.every((text) => text === 'hello')).toBe(true)
  })
})
