// A person's picture: a knot of their own, grown from their member id. The same identity looks the
// same on every screen, and a namesake does not.
import type { JSX } from 'preact'
import { decodeBase64url } from '@knothole/wire'
import { ringPath } from './knot.ts'

interface Look {
  readonly hue: number
  readonly rings: readonly string[]
  readonly core: string
}

const looks = new Map<string, Look>()

/** The picture of a member. Decorative: their name always stands beside it. */
export function Avatar({ member, size }: { member: string; size?: 'small' }): JSX.Element {
  const look = lookOf(member)
  return (
    <svg
      class={size === 'small' ? 'avatar avatar-small' : 'avatar'}
      viewBox="0 0 40 40"
      aria-hidden="true"
      style={{ '--hue': String(look.hue) }}
    >
      <circle class="avatar-wood" cx="20" cy="20" r="20" />
      {look.rings.map((ring) => (
        <path key={ring} class="avatar-ring" d={ring} />
      ))}
      <path class="avatar-core" d={look.core} />
    </svg>
  )
}

function lookOf(member: string): Look {
  const known = looks.get(member)
  if (known) return known
  const look = growLook(decodeBase64url(member) ?? new Uint8Array())
  looks.set(member, look)
  return look
}

function growLook(id: Uint8Array): Look {
  const byte = (at: number): number => (id[at] ?? 0) / 255
  const lean = byte(1) * 2 * Math.PI
  const count = 3 + Math.round(byte(2) * 2)
  const stretch = 0.78 + byte(3) * 0.5
  const ring = (share: number, index: number): string =>
    ringPath({
      cx: 20 + Math.cos(lean) * 7 * (1 - share),
      cy: 20 + Math.sin(lean) * 7 * (1 - share),
      rx: 16.5 * share * Math.min(1, stretch),
      ry: 16.5 * share * Math.min(1, 1 / stretch),
      wobble: 0.02 + byte(4 + index) * 0.06,
      phase: byte(9) * 6 + index * 0.5,
    })
  return {
    hue: Math.round(byte(0) * 360),
    rings: Array.from({ length: count }, (_, index) => ring(1 - (0.72 * index) / count, index)),
    core: ring(0.26, 5),
  }
}
