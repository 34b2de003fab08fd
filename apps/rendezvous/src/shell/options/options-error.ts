// Why options were refused.

/** A flag, variable or config file that is wrong; the message says which and what would be right. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
}
