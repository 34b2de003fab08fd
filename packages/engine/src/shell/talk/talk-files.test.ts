import type { EntryBody, FeedId } from '@knothole/wire'
import { describe, expect, it } from 'vitest'
import { Author } from '../../core/log/log.testing.ts'
import { decodeTalkFile } from '../../core/talk-file/talk-file.ts'
import { checkTalkFile } from './talk-file-check.ts'
import { FileRoom, subtle } from './talk-files.testing.ts'

const text = (words: string, more: object = {}): EntryBody => ({
  type: 'text',
  text: words,
  ...more,
})
const joined = (name: string): EntryBody => ({ type: 'membership', event: 'joined', name })

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytesOf = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words)

/** A room where two people said things, and one feed. */
async function spoken(): Promise<{ room: FileRoom; feed: FeedId }> {
  const room = await FileRoom.of(1)
  const [ana, bo] = [new Author('ana'), new Author('bo')]
  const feed = await room.say(ana, joined('Ana'), text('Hello <b>Bo</b> & "all"'), text('wrong'))
  await room.say(bo, joined('Bo'), text('Hi', { replyTo: `${feed}.2` }))
  await room.say(
    ana,
    { type: 'edit', target: `${feed}.3`, text: 'right' },
    { type: 'reaction', target: `${feed}.2`, emoji: '🌰', on: true },
    text('gone'),
  )
  await room.say(ana, { type: 'delete', target: `${feed}.6` })
  return { room, feed }
}

describe('a saved conversation', () => {
  it('E380 can be read as it was shown', async () => {
    const { room } = await spoken()
    const json = JSON.parse(textOf(await room.files.save('json'))) as {
      messages: readonly { readonly name: string; readonly text: string }[]
    }
    expect(json).toMatchObject({ format: 'knothole conversation', version: 1 })
    expect(json.messages.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'Ana: Hello <b>Bo</b> & "all"',
      'Ana: right',
      'Bo: Hi',
      'Ana: ',
    ])
    expect(json.messages[1]).toMatchObject({ edited: true })
    expect(json.messages[3]).toMatchObject({ deleted: true })
  })

  it('E380 carries what anybody needs to check every signature, and nothing of the link', async () => {
    const { room } = await spoken()
    const decoded = decodeTalkFile(textOf(await room.files.save('json')))
    if (!decoded.ok) throw new Error(decoded.fault)
    const checked = await checkTalkFile(decoded.value, subtle)
    expect(checked).toMatchObject({ good: room.log.order.length, refused: 0 })
    expect(decoded.value.contentKey).toHaveLength(32)
    expect(textOf(await room.files.save('json'))).not.toContain('AQEBAQEBAQEBAQEBAQEBAQ')
  })

  it('E381 is a page without script or anything from elsewhere, that can be imported too', async () => {
    const { room } = await spoken()
    const page = textOf(await room.files.save('html'))
    expect(page).toContain('Hello &lt;b&gt;Bo&lt;/b&gt; &amp; &quot;all&quot;')
    expect(page).not.toContain('<b>')
    expect(page).toContain('prefers-color-scheme:dark')
    expect(page).toContain("default-src 'none'")
    expect(page.match(/<script[^>]*>/g)).toEqual([
      '<script type="application/json" id="knothole-conversation">',
    ])
    expect(page).not.toMatch(/(?:src|href)="(?!#)/)
    expect(decodeTalkFile(page).ok).toBe(true)
    const other = await FileRoom.of(1)
    const report = await other.files.bring(bytesOf(page))
    expect(report).toEqual({ added: room.log.order.length, known: 0, refused: 0 })
  })
})

describe('bringing a conversation in', () => {
  it('E382 adds what is not there, once, and what was said keeps its order', async () => {
    const { room } = await spoken()
    const file = await room.files.save('json')
    const other = await FileRoom.of(1)
    await other.say(new Author('carol'), text('meanwhile'))
    const total = room.log.order.length
    expect(await other.files.bring(file)).toEqual({ added: total, known: 0, refused: 0 })
    expect(await other.files.bring(file)).toEqual({ added: 0, known: total, refused: 0 })
    const ids = (log: typeof room.log): (string | undefined)[] =>
      Array.from({ length: log.order.length }, (_, at) => log.order.at(at)?.id)
    const own = other.log.feedId(new Author('carol').name())
    const without = ids(other.log).filter((id) => id?.startsWith(own) !== true)
    expect(without).toEqual(ids(room.log))
  })

  it('E382 brings a long conversation in whole', async () => {
    const room = await FileRoom.of(1)
    for (let part = 0; part < 20; part += 1)
      await room.say(
        new Author(`somebody ${part % 3}`),
        ...Array.from({ length: 60 }, (_, at) => text(`${part} ${at} ${'word '.repeat(40)}`)),
      )
    const other = await FileRoom.of(1)
    const report = await other.files.bring(await room.files.save('json'))
    expect(report).toEqual({ added: 1200, known: 0, refused: 0 })
  })

  it('E382 brings in what is left of feeds whose beginnings were let go', async () => {
    const { room, feed } = await spoken()
    const second = room.log.entry(feed, 3)
    room.log.prune((second?.atMs ?? 0) + 1)
    expect(room.log.feed(feed)?.base).toBe(3)
    const other = await FileRoom.of(1)
    const report = await other.files.bring(await room.files.save('json'))
    expect(report).toEqual({ added: room.log.order.length, known: 0, refused: 0 })
    expect(other.log.feed(feed)).toMatchObject({ base: 3, count: room.log.feed(feed)?.count })
  })

  it('E383 refuses entries that were changed, and those that follow them in their feed', async () => {
    const { room, feed } = await spoken()
    const json = JSON.parse(textOf(await room.files.save('json'))) as { chunks: string[] }
    const of = (chunk: string): string => {
      const decoded = decodeTalkFile(JSON.stringify({ ...json, chunks: [chunk] }))
      if (!decoded.ok) throw new Error(decoded.fault)
      const [only] = decoded.value.chunks
      return only === undefined ? '' : room.log.feedId(only.name)
    }
    const at = json.chunks.findIndex((chunk) => of(chunk) === feed)
    const chunk = json.chunks[at] ?? ''
    const middle = chunk.length >> 1
    const changed =
      chunk.slice(0, middle) + (chunk[middle] === 'A' ? 'B' : 'A') + chunk.slice(middle + 1)
    json.chunks[at] = changed
    const other = await FileRoom.of(1)
    const report = await other.files.bring(bytesOf(JSON.stringify(json)))
    expect(report.refused).toBeGreaterThan(0)
    expect(report.added + report.refused).toBe(room.log.order.length)
    expect(other.log.feed(feed)?.count ?? 0).toBeLessThan(room.log.feed(feed)?.count ?? 0)
  })

  it.each([
    ['not-a-talk', 'hello'],
    ['not-a-talk', '{"format":"something else"}'],
    ['not-a-talk', '<!doctype html><p>a page</p>'],
    ['newer-version', '{"format":"knothole conversation","version":2}'],
    ['damaged', '{"format":"knothole conversation","version":1}'],
    [
      'damaged',
      '{"format":"knothole conversation","version":1,"log":"AAAA","contentKey":"","bases":[],"chunks":["AAAA"]}',
    ],
    [
      'other-room',
      '{"format":"knothole conversation","version":1,"log":"AAAA","contentKey":"","bases":[],"chunks":[]}',
    ],
  ])('E384 says of a bad file that it is %s: %s', async (code, file) => {
    const room = await FileRoom.of(1)
    await expect(room.files.bring(bytesOf(file))).rejects.toMatchObject({ code })
  })

  it('E384 says that a conversation is of another room', async () => {
    const { room } = await spoken()
    const other = await FileRoom.of(2)
    const brought = other.files.bring(await room.files.save('json'))
    await expect(brought).rejects.toMatchObject({ code: 'other-room' })
  })
})
