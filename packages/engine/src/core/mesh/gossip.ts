// What goes from neighbour to neighbour until everyone has it: who types, leaves, is there or has a new card.
// Each word is passed on once, and no neighbour has us pass on more than its share. Nothing but a card is
// proof of anything: the words of others about somebody only move what is shown of them for a while.
import type { Bytes, MeshFrame, PeerId } from '@knothole/wire'
import { GOSSIP_RATE, MAX_SEEN_CARDS, MAX_STANDINGS, NUMBER_LIFE_MS } from './limits.ts'
import { rememberKey } from '../recent-keys.ts'
import { TokenBucket } from '../token-bucket.ts'

/** What is passed on. */
export type Word = Exclude<MeshFrame, { type: 'beat' | 'part' }>

type Numbered = Exclude<Word, { type: 'card' }>

export class MeshGossip {
  readonly #me: PeerId
  readonly #numbers = new Map<string, { number: number; heardMs: number }>()
  readonly #cards = new Map<string, true>()
  readonly #rates = new Map<PeerId, TokenBucket>()
  #number = 0

  constructor(me: PeerId) {
    this.#me = me
  }

  /** The number of a word of our own. */
  nextNumber(): number {
    this.#number += 1
    return this.#number
  }

  /** Whether a neighbour may have us read another frame now. */
  mayTell(from: PeerId, nowMs: number): boolean {
    const known = this.#rates.get(from)
    const rate = known ?? new TokenBucket(GOSSIP_RATE)
    if (known === undefined) rememberKey(this.#rates, from, { value: rate, most: MAX_STANDINGS })
    return rate.take(nowMs)
  }

  /** Whether a word is news, and to be passed on; it is not when asked again. */
  isNews(word: Word, nowMs: number): boolean {
    if (word.of === this.#me) return false
    return word.type === 'card' ? this.isNewCard(word.card) : this.#isNewNumber(word, nowMs)
  }

  isNewCard(card: Bytes): boolean {
    const key = String.fromCharCode(...card)
    if (this.#cards.has(key)) return false
    rememberKey(this.#cards, key, { value: true, most: MAX_SEEN_CARDS })
    return true
  }

  #isNewNumber({ type, of, number }: Numbered, nowMs: number): boolean {
    const key = `${type} ${of}`
    const last = this.#numbers.get(key)
    // A number that somebody made up is forgotten like any other.
    const isOld = last !== undefined && nowMs - last.heardMs < NUMBER_LIFE_MS
    if (isOld && number <= last.number) return false
    const value = { number, heardMs: nowMs }
    rememberKey(this.#numbers, key, { value, most: 4 * MAX_STANDINGS })
    return true
  }
}
