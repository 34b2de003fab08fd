// The description of a connection that carries data channels and nothing else (RFC 8839, RFC 8841, RFC 8842),
// without candidates: what browsers want to read of the other side, made of the little that is its own.

export interface DataDescription {
  readonly ufrag: string
  readonly password: string
  /** Hash function and digest, as in the attribute (RFC 8122, section 5). */
  readonly fingerprint: string
  readonly setup: string
}

export function writeDataDescription(own: DataDescription): string {
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${own.ufrag}`,
    `a=ice-pwd:${own.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:${own.fingerprint}`,
    `a=setup:${own.setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n')
}

/** The value of an attribute in a description; empty when it is not there. */
export function attributeIn(sdp: string, name: string): string {
  return new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1] ?? ''
}
