import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../cbor.ts'
import { counting } from '../golden.testing.ts'
import { MAX_CHUNK_ENTRIES, MAX_CHUNK_HEADER_BYTES, MAX_LINK_FRAME_BYTES } from '../limits.ts'
import { MAX_LOG_FRAME_BYTES, MAX_RECEIPT_FEEDS, MAX_SUMMARY_FEEDS, MAX_WANTED } from '../limits.ts'
import { encodeTalkFrame } from '../link-frames.ts'
import { decodeLogFrame, encodeLogFrame } from './log-frames.ts'
import type { LogFrame } from './log-frames.ts'
import {
  ANA,
  ANAS_CHUNK,
  ANAS_FEED,
  BOS,
  FORK,
  LOG_FRAMES,
  ORDER_LIE,
} from './log-golden.testing.ts'

const wrong = { ok: false, fault: 'wrong-shape' }
const summary = LOG_FRAMES['summary'] as LogFrame & { type: 'summary' }
const [feed] = summary.feeds
const large = 2 ** 32 - 1

describe('frames of the log', () => {
  it('W68 the largest of every kind fits, and fits a frame of a link', () => {
    const feeds = Array.from({ length: MAX_SUMMARY_FEEDS }, () => ({
      feed: ANAS_FEED,
      base: large,
      count: large,
      head: counting(8),
      cut: large,
    }))
    const have = Array.from(
      { length: MAX_SUMMARY_FEEDS },
      () => [ANAS_FEED, large, counting(8)] as const,
    )
    const counts = Array.from({ length: MAX_RECEIPT_FEEDS }, () => [ANAS_FEED, large] as const)
    const ranges = Array.from({ length: MAX_WANTED }, () => [ANAS_FEED, large, large] as const)
    const receipt = {
      member: ANA.key,
      atMs: large,
      have: counts,
      read: counts,
      proof: counting(64),
    }
    const frames: LogFrame[] = [
      { ...summary, feeds },
      { type: 'have', feeds: have },
      { type: 'want', ranges },
      { type: 'receipts', receipts: [receipt] },
    ]
    for (const frame of frames) {
      const data = encodeLogFrame(frame)
      expect(decodeLogFrame(data)).toEqual({ ok: true, value: frame })
      expect(encodeTalkFrame({ type: 'log', data }).length).toBeLessThanOrEqual(
        MAX_LINK_FRAME_BYTES,
      )
    }
    const data = new Uint8Array(MAX_LOG_FRAME_BYTES)
    expect(encodeTalkFrame({ type: 'log', data }).length).toBeLessThanOrEqual(MAX_LINK_FRAME_BYTES)
  })

  it('W71 two branches as long as chunks allow fit one frame of evidence', () => {
    const header = new Uint8Array(Math.floor(MAX_CHUNK_HEADER_BYTES / MAX_CHUNK_ENTRIES))
    const headers = Array.from({ length: MAX_CHUNK_ENTRIES }, () => header)
    const branch = { headers, proof: counting(64) }
    const evidence = { kind: 'fork', ...BOS, at: 1, branches: [branch, branch] } as const
    const data = encodeLogFrame({ type: 'evidence', evidence })
    expect(decodeLogFrame(data)).toEqual({ ok: true, value: { type: 'evidence', evidence } })
  })

  it.each<[string, object]>([
    ['a summary without an end', { ...summary, isLast: undefined }],
    [
      'too many feeds',
      { ...summary, feeds: Array.from({ length: MAX_SUMMARY_FEEDS + 1 }, () => feed) },
    ],
    ['a head of another length', { ...summary, feeds: [{ ...feed, head: counting(7) }] }],
    ['a cut at nothing', { ...summary, feeds: [{ ...feed, cut: 0 }] }],
    ['a feed that is none', { ...summary, feeds: [{ ...feed, feed: 'ana' }] }],
    ['a digest too short', { type: 'digest', digest: counting(7) }],
    ['a range with one end', { type: 'want', ranges: [[ANAS_FEED, 1]] }],
    ['the body of entry 0', { type: 'want-bodies', feed: ANAS_FEED, sequences: [0] }],
    ['a body of nothing', { type: 'bodies', feed: ANAS_FEED, bodies: [[1, counting(0)]] }],
    ['evidence of another kind', { type: 'evidence', evidence: { ...FORK, kind: 'rumour' } }],
    [
      'a fork of one branch',
      { type: 'evidence', evidence: { ...FORK, branches: FORK.branches.slice(1) } },
    ],
    [
      'a branch of nothing',
      {
        type: 'evidence',
        evidence: { ...ORDER_LIE, branches: [{ headers: [], proof: counting(64) }] },
      },
    ],
    [
      'a lie that names nothing',
      { type: 'evidence', evidence: { ...ORDER_LIE, named: undefined } },
    ],
    [
      'a chunk from entry 0',
      { type: 'chunk', ...ANAS_CHUNK.name, from: 0, entries: counting(1), proof: counting(64) },
    ],
    ['a frame of tomorrow', { type: 'gossip' }],
  ])('W68 refuses %s', (_what, frame) => {
    expect(decodeLogFrame(encodeCbor(frame))).toEqual(wrong)
  })
})
