// What a caller of the engine may have to handle.

export type EngineErrorCode =
  | 'not-a-link'
  | 'no-room'
  | 'no-secret'
  | 'insecure-page'
  | 'no-webrtc'
  | 'no-webcrypto'
  | 'rendezvous-unreachable'
  | 'rendezvous-refused'
  | 'text-empty'
  | 'text-too-long'
  | 'name-invalid'
  | 'bytes-cut-short'

export class EngineError extends Error {
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}
