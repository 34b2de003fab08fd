// The error codes that the server answers with (RFC 8656 section 19, RFC 8489 section 14.8).

export const TURN_ERRORS = {
  badRequest: 400,
  forbidden: 403,
  unknownAttribute: 420,
  allocationMismatch: 437,
  addressFamilyNotSupported: 440,
  wrongCredentials: 441,
  unsupportedTransport: 442,
  peerAddressFamilyMismatch: 443,
  allocationQuotaReached: 486,
  insufficientCapacity: 508,
} as const

/** 401 and 438 are the credential checker's. */
export type TurnErrorCode = (typeof TURN_ERRORS)[keyof typeof TURN_ERRORS]
