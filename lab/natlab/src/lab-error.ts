// The one error class of the laboratory: a closed set of codes that say why, and words for a person.

/** Why the laboratory could not do what was asked. */
export type LabErrorCode =
  | 'bad-arguments'
  | 'chromium-missing'
  | 'command-failed'
  | 'no-privilege'
  | 'no-tun'
  | 'packages-missing'
  | 'page-failed'
  | 'self-test-failed'
  | 'server-failed'

/** An expected failure of the laboratory. */
export class LabError extends Error {
  readonly code: LabErrorCode

  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LabError'
    this.code = code
  }
}
