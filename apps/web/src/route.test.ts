import { describe, expect, it } from 'vitest'
import { pastedRoute, routeOf } from './route.ts'
import { fakeLink } from './story/fake-room.testing.ts'

const origin = 'https://knothole.example'
const link = fakeLink(origin)

describe('route', () => {
  it('is home at the root, whatever the fragment', () => {
    expect(routeOf(`${origin}/`)).toEqual({ type: 'home' })
    expect(routeOf(`${origin}/#how`)).toEqual({ type: 'home' })
  })

  it('is the doctor at its path, and nowhere below', () => {
    expect(routeOf(`${origin}/doctor?again`)).toEqual({ type: 'doctor' })
    expect(routeOf(`${origin}/doctor/1`)).toEqual({ type: 'bad-link', reason: 'no-room' })
  })

  it('is the room a whole link names', () => {
    expect(routeOf(link)).toEqual({ type: 'room', link })
  })

  it('says what is wrong with an address that opens no room', () => {
    expect(routeOf(`${origin}/elsewhere`)).toEqual({ type: 'bad-link', reason: 'no-room' })
    expect(routeOf(`${origin}/r/short#abc`)).toEqual({ type: 'bad-link', reason: 'no-room' })
    expect(routeOf(link.split('#')[0] ?? '')).toEqual({ type: 'bad-link', reason: 'no-secret' })
    expect(routeOf(link.slice(0, -3))).toEqual({ type: 'bad-link', reason: 'no-secret' })
  })

  it('takes a pasted link with white space around it, or without its scheme', () => {
    expect(pastedRoute(`  ${link}\n`)).toEqual({ type: 'room', link })
    expect(pastedRoute(link.replace('https://', ''))).toEqual({ type: 'room', link })
  })

  it('refuses what is no link, scripts included', () => {
    expect(pastedRoute('hello')).toEqual({ type: 'bad-link', reason: 'not-a-link' })
    expect(pastedRoute('')).toEqual({ type: 'bad-link', reason: 'not-a-link' })
    expect(pastedRoute('javascript:alert(1)')).toEqual({ type: 'bad-link', reason: 'not-a-link' })
    expect(pastedRoute('javascript:alert(1)//r/x').type).toBe('bad-link')
    expect(pastedRoute(origin)).toEqual({ type: 'bad-link', reason: 'no-room' })
  })
})
