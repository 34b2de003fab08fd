import { describe, expect, it } from 'vitest'
import type { PublicHost } from '../http/public-host.ts'
import { listenHosts, namesFor, relayAddressesOf, turnUrlsOf } from './traversal-addresses.ts'

const hostOf = (hostname: string): PublicHost => ({ hostname, host: `${hostname}:8080` })
const chat = hostOf('chat.example.org')
const everywhere = { host: undefined, stunHosts: undefined }

describe('the URLs of the relay', () => {
  it('R108 are UDP, TCP and TLS of the host that people came by', () => {
    const names = namesFor(chat, undefined)
    expect(turnUrlsOf(names, chat, { port: 3478, tlsPort: 443 })).toEqual([
      'turn:chat.example.org:3478',
      'turn:chat.example.org:3478?transport=tcp',
      'turns:chat.example.org:443?transport=tcp',
    ])
    expect(turnUrlsOf(names, chat, { port: 3478, tlsPort: undefined })).toHaveLength(2)
  })

  it('R108 ask for TLS by the name that the certificate has, where addresses are told', () => {
    const names = namesFor(chat, ['192.0.2.9', '[2001:db8::9]'])
    expect(turnUrlsOf(names, chat, { port: 1, tlsPort: 2 })).toEqual([
      'turn:192.0.2.9:1',
      'turn:[2001:db8::9]:1',
      'turn:192.0.2.9:1?transport=tcp',
      'turn:[2001:db8::9]:1?transport=tcp',
      'turns:chat.example.org:2?transport=tcp',
    ])
  })

  it.each(['192.0.2.7', '[2001:db8::7]', 'localhost'])(
    'R108 ask for TLS by what is told when people came by %s',
    (hostname) => {
      const host = hostOf(hostname)
      const urls = turnUrlsOf(namesFor(host, ['192.0.2.9']), host, { port: 1, tlsPort: 2 })
      expect(urls.at(-1)).toBe('turns:192.0.2.9:2?transport=tcp')
    },
  )

  it('R108 are none for a loopback name, unless hosts were named', () => {
    const local = hostOf('localhost')
    expect(turnUrlsOf(namesFor(local, undefined), local, { port: 1, tlsPort: 2 })).toEqual([])
    expect(namesFor(local, ['192.0.2.9'])).toEqual(['192.0.2.9'])
  })
})

describe('where STUN and TURN listen', () => {
  it('R108 is everywhere, or where the server was told to', () => {
    expect(listenHosts(everywhere)).toEqual(['0.0.0.0', '::'])
    expect(listenHosts({ ...everywhere, host: '::' })).toEqual(['0.0.0.0', '::'])
    expect(listenHosts({ ...everywhere, host: '0.0.0.0' })).toEqual(['0.0.0.0'])
    expect(listenHosts({ ...everywhere, host: '192.0.2.1' })).toEqual(['192.0.2.1'])
  })

  it('R108 is each address of ours that browsers are told', () => {
    const stunHosts = ['127.0.0.1', '192.0.2.1', 'chat.example.org']
    expect(listenHosts({ host: undefined, stunHosts })).toEqual(['127.0.0.1'])
    expect(listenHosts({ host: undefined, stunHosts: ['192.0.2.1'] })).toEqual(['0.0.0.0', '::'])
  })
})

describe('the relayed addresses', () => {
  it('R108 are those configured, for a server behind a NAT', () => {
    const addresses = ['203.0.113.1', '2001:db8::1']
    expect(relayAddressesOf(addresses, { host: '10.0.0.1', stunHosts: ['192.0.2.9'] })).toEqual({
      IPv4: '203.0.113.1',
      IPv6: '2001:db8::1',
    })
  })

  it('R108 are those that the server listens on or browsers are told', () => {
    expect(relayAddressesOf([], { ...everywhere, host: '192.0.2.1' })).toEqual({
      IPv4: '192.0.2.1',
    })
    const stunHosts = ['chat.example.org', '[2001:db8::9]', '192.0.2.9']
    expect(relayAddressesOf([], { host: undefined, stunHosts })).toEqual({
      IPv4: '192.0.2.9',
      IPv6: '2001:db8::9',
    })
  })
})
