// SHA-256 (FIPS 180-4), at once and quick for short messages: entries are hashed by the hundred thousand, and
// for one of them making a hasher, or waiting for a promise, costs more than the hash. Held to the vectors of
// NIST and to another implementation by its tests. For public bytes only: it hides no timing.
import { HASH_BYTES } from '@knothole/wire'
import type { Bytes } from '@knothole/wire'

export type Sha256 = (bytes: Uint8Array) => Bytes

const BLOCK = 64

/** Fractions of the cube roots of the first 64 primes, and of the square roots of the first 8. */
const K = new Int32Array(64)
const START = new Int32Array(8)

/** The words of a block, spread to 64, and each with its constant; and the hash so far. */
const w = new Int32Array(64)
const wk = new Int32Array(64)
const h = new Int32Array(8)

/** The hash of some bytes. */
export const sha256: Sha256 = (bytes) => {
  const hash = new Uint8Array(HASH_BYTES)
  writeSha256({ bytes, from: 0, to: bytes.length }, hash, 0)
  return hash
}

/** A part of some bytes. */
export interface Part {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/** Writes the hash of a part of some bytes to a place in others, and makes nothing. */
export function writeSha256({ bytes, from, to }: Part, target: Uint8Array, place: number): void {
  for (let i = 0; i < 8; i++) h[i] = START[i] ?? 0
  let next = from
  for (; next + BLOCK <= to; next += BLOCK) {
    for (let i = 0, at = next; i < 16; i++, at += 4) put(i, wordAt(bytes, at))
    compress()
  }
  // What is left, a one and zeros, and at the end of a block the length in bits.
  const whole = (to - next) >>> 2
  for (let i = 0, at = next; i < whole; i++, at += 4) put(i, wordAt(bytes, at))
  put(whole, lastWord(bytes, next + 4 * whole, to))
  if (whole >= 14) {
    for (let i = whole + 1; i < 16; i++) put(i, 0)
    compress()
  }
  for (let i = whole >= 14 ? 0 : whole + 1; i < 14; i++) put(i, 0)
  put(14, Math.floor((to - from) / 2 ** 29))
  put(15, (to - from) << 3)
  compress()
  for (let i = 0, at = place; i < 8; i++, at += 4) {
    const word = h[i] ?? 0
    target[at] = word >>> 24
    target[at + 1] = word >>> 16
    target[at + 2] = word >>> 8
    target[at + 3] = word
  }
}

const sum0 = (x: number): number =>
  ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10))
const sum1 = (x: number): number =>
  ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7))

const state = (i: number): number => h[i] ?? 0

/** Takes in the block that was put (section 6.2.2). Four rounds at a time, so that the words are back in their places after them. */
function compress(): void {
  spread()
  let a = state(0)
  let b = state(1)
  let c = state(2)
  let d = state(3)
  let e = state(4)
  let f = state(5)
  let g = state(6)
  let last = state(7)
  for (let i = 0; i < 64; i += 4) {
    const one = (last + sum1(e) + (g ^ (e & (f ^ g))) + (wk[i] ?? 0)) | 0
    last = (d + one) | 0
    d = (one + sum0(a) + ((a & b) | (c & (a | b)))) | 0
    const two = (g + sum1(last) + (f ^ (last & (e ^ f))) + (wk[i + 1] ?? 0)) | 0
    g = (c + two) | 0
    c = (two + sum0(d) + ((d & a) | (b & (d | a)))) | 0
    const three = (f + sum1(g) + (e ^ (g & (last ^ e))) + (wk[i + 2] ?? 0)) | 0
    f = (b + three) | 0
    b = (three + sum0(c) + ((c & d) | (a & (c | d)))) | 0
    const four = (e + sum1(f) + (last ^ (f & (g ^ last))) + (wk[i + 3] ?? 0)) | 0
    e = (a + four) | 0
    a = (four + sum0(b) + ((b & c) | (d & (b | c)))) | 0
  }
  add(0, a)
  add(1, b)
  add(2, c)
  add(3, d)
  add(4, e)
  add(5, f)
  add(6, g)
  add(7, last)
}

function add(i: number, value: number): void {
  h[i] = (h[i] ?? 0) + value
}

/** Sets a word of the block. */
function put(i: number, word: number): void {
  w[i] = word
  wk[i] = word + (K[i] ?? 0)
}

function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16)
  return high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}

/** The three bytes that are left at most, and a one after them. */
function lastWord(bytes: Uint8Array, from: number, to: number): number {
  let word = 0
  let shift = 24
  for (let at = from; at < to; at++, shift -= 8) word |= (bytes[at] ?? 0) << shift
  return word | (0x80 << shift)
}

/** The message schedule: the words that follow from those of the block. Names hold what is needed again at once. */
function spread(): void {
  let first = w[0] ?? 0
  let y = w[14] ?? 0
  let last = w[15] ?? 0
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] ?? 0
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    const word = (s1 + (w[i - 7] ?? 0) + s0 + first) | 0
    first = x
    y = last
    last = word
    put(i, word)
  }
}

let primes = 0
for (let n = 2; primes < 64; n++) {
  if (!isPrime(n)) continue
  K[primes] = fraction(Math.cbrt(n))
  if (primes < 8) START[primes] = fraction(Math.sqrt(n))
  primes += 1
}

function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false
  return true
}

/** The first 32 bits of the fraction. */
function fraction(x: number): number {
  return ((x - Math.floor(x)) * 2 ** 32) | 0
}
