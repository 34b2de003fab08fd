import { encode } from 'uqr'
import { describe, expect, it } from 'vitest'
import { fakeLink } from '../story/fake-room.testing.ts'
import { grainPaths, ringPath } from './knot.ts'
import { modulesPath } from './qr-code.ts'

describe('drawing', () => {
  it('draws every dark module of a QR code once, and no light one', () => {
    const { data } = encode(fakeLink('https://knothole.example'), { ecc: 'M', border: 2 })
    const drawn = data.map((row) => row.map(() => 0))
    for (const [, x, y, width] of modulesPath(data).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      for (let at = Number(x); at < Number(x) + Number(width); at += 1)
        drawn[Number(y)]?.splice(at, 1, (drawn[Number(y)]?.[at] ?? 0) + 1)
    expect(drawn).toEqual(data.map((row) => row.map(Number)))
  })

  it('lets no grain run through a knot', () => {
    const knot = { cx: 100, cy: 100, rx: 40, ry: 50 }
    const inside = grainPaths({ width: 200, height: 200 }, knot, 10)
      .flatMap((path) => [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)])
      .filter(([, x, y]) => {
        const across = (Number(x) - knot.cx) / knot.rx
        const along = (Number(y) - knot.cy) / knot.ry
        return Math.hypot(across, along) < 0.8
      })
    expect(inside).toEqual([])
  })

  it('closes its rings around their middle', () => {
    const path = ringPath({ cx: 20, cy: 20, rx: 10, ry: 12, wobble: 0.03, phase: 1 })
    expect(path).toMatch(/^M.*Z$/)
    expect(path).not.toContain('NaN')
  })
})
