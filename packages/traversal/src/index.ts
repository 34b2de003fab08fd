// What @knothole/traversal offers: STUN as bytes, a STUN Binding server, transport addresses. Pure:
// no sockets, no clock, no randomness, no cryptography of its own.
export type { AddressFamily, TransportAddress } from './address.ts'
export {
  addressOfSocket,
  createTransportAddress,
  formatIp,
  formatTransportAddress,
  ipOf,
  parseIp,
  parseTransportAddress,
  toTransportAddress,
} from './address.ts'
export { equalInConstantTime } from './constant-time.ts'
export type { Machine } from './machine.ts'
export type { SourceRateLimit, SourceRateLimitOptions } from './source-rate-limit.ts'
export { createSourceRateLimit } from './source-rate-limit.ts'
export type { StreamFault, StreamFrame, StreamFraming } from './stream-framing.ts'
export { MAX_STREAM_FRAME_BYTES, createStreamFraming } from './stream-framing.ts'
export type {
  StunAddressError,
  StunChangeRequest,
  StunIcmp,
  StunPasswordAlgorithm,
} from './stun/stun-attribute-structures.ts'
export { MAX_PASSWORD_ALGORITHMS } from './stun/stun-attribute-structures.ts'
export type { StunErrorCode } from './stun/stun-attribute-values.ts'
export {
  MAX_TEXT_BYTES_READ,
  MAX_TEXT_BYTES_WRITTEN,
  MAX_UNKNOWN_ATTRIBUTES,
  MAX_USERNAME_BYTES,
} from './stun/stun-attribute-values.ts'
export type {
  KnownStunAttribute,
  StunAttribute,
  StunAttributeType,
  StunAttributeValues,
  UnknownStunAttribute,
} from './stun/stun-attributes.ts'
export {
  ADDRESS_FAMILY_CODES,
  TRANSPORT_PROTOCOLS,
  attributeCode,
  isComprehensionRequired,
} from './stun/stun-attributes.ts'
export type {
  BehaviourClientInput,
  BehaviourClientOptions,
  BehaviourClientOutput,
  BehaviourReport,
} from './stun/stun-behaviour-client.ts'
export { StunBehaviourClient } from './stun/stun-behaviour-client.ts'
export type {
  BehaviourSocket,
  BindingLifetime,
  LifetimeSearch,
} from './stun/stun-behaviour-flows.ts'
export type {
  StunArrival,
  StunBehaviourAnswer,
  StunBehaviourServer,
  StunBehaviourServerOptions,
} from './stun/stun-behaviour-server.ts'
export {
  BEHAVIOUR_RATE_LIMIT,
  MAX_BEHAVIOUR_GROWTH_BYTES,
  MAX_PLAIN_GROWTH_BYTES,
  createStunBehaviourServer,
} from './stun/stun-behaviour-server.ts'
export type {
  AuthorisedRequest,
  StunClientCredentials,
  StunJudgement,
} from './stun/stun-client-credentials.ts'
export type {
  StunAnswered,
  StunAsk,
  StunClientFailure,
  StunClientInput,
  StunClientOptions,
  StunClientOutput,
} from './stun/stun-client.ts'
export {
  STUN_FIRST_WAIT_MS,
  STUN_LAST_WAIT_FACTOR,
  STUN_MAX_SENDS,
  STUN_STREAM_WAIT_MS,
  StunClient,
} from './stun/stun-client.ts'
export type {
  CredentialSource,
  Digest,
  IntegritySeal,
  LongTermIdentity,
  PasswordAlgorithm,
  StunCrypto,
} from './stun/stun-credentials.ts'
export {
  PASSWORD_ALGORITHMS,
  longTermKey,
  passwordAlgorithmOf,
  shortTermKey,
  userhashOf,
} from './stun/stun-credentials.ts'
export type {
  Hmac,
  HmacPort,
  IntegrityAlgorithm,
  IntegrityKey,
  IntegrityMark,
  IntegrityMarked,
  IntegrityVerdict,
} from './stun/stun-integrity.ts'
export { checkIntegrity } from './stun/stun-integrity.ts'
export type { LongTermClientOptions } from './stun/stun-long-term-client.ts'
export { longTermCredentials } from './stun/stun-long-term-client.ts'
export type {
  Authenticated,
  CredentialsRefused,
  CredentialsVerdict,
  LongTermServer,
  LongTermServerOptions,
} from './stun/stun-long-term-server.ts'
export { createLongTermServer } from './stun/stun-long-term-server.ts'
export type {
  ReceivedStunMessage,
  StunClass,
  StunDecodeResult,
  StunMessage,
  StunRefusal,
  StunSeal,
} from './stun/stun-message.ts'
export {
  MAX_ATTRIBUTES,
  MAX_MESSAGE_BYTES,
  STUN_METHODS,
  TRANSACTION_ID_BYTES,
  attributeValue,
  attributeValues,
  decodeMessage,
  encodeMessage,
  unknownRequired,
} from './stun/stun-message.ts'
export type { StunNonces, StunNoncesOptions, StunSecurityFeatures } from './stun/stun-nonce.ts'
export { NONCE_COOKIE, NONCE_LIFETIME_MS, createStunNonces, featuresOf } from './stun/stun-nonce.ts'
export { toOpaqueString } from './stun/stun-opaque-string.ts'
export { encodeError, encodeSuccess, errorAttribute } from './stun/stun-reply.ts'
export type { StunAnswer, StunServer, StunSilence } from './stun/stun-server.ts'
export {
  MAX_ANSWER_GROWTH_BYTES,
  MAX_PADDED_REQUEST_BYTES,
  MAX_REQUEST_BYTES,
  STUN_RATE_LIMIT,
  createStunServer,
} from './stun/stun-server.ts'
export type {
  PortRange,
  TurnClientSocket,
  TurnCounts,
  TurnIcmp,
  TurnListener,
  TurnListenerOptions,
  TurnQuotas,
  TurnRelay,
  TurnRelaySocket,
  TurnRemote,
  TurnServer,
  TurnServerOptions,
  TurnStream,
  TurnStreamOptions,
  TurnTransport,
} from './turn/turn-interface.ts'
export { isForTurn } from './turn/turn-channel-data.ts'
export { createTurnServer } from './turn/turn-server.ts'
export type { RestCredentials, RestCredentialsOptions } from './turn/turn-rest-credentials.ts'
export { checkRestUsername, mintRestCredentials, restUserOf } from './turn/turn-rest-credentials.ts'
export type { ShortTermIdentity, ShortTermServerOptions } from './stun/stun-short-term.ts'
export { checkShortTerm, shortTermCredentials } from './stun/stun-short-term.ts'
export * from './ladder/index.ts'
