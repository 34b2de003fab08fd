// The shape of every state machine here: it takes input and time and gives output, and does nothing.

export interface Machine<Input, Output> {
  /** A packet, a command or the result of an effect. */
  handle(input: Input, nowMs: number): void
  /** A deadline passed. */
  tick(nowMs: number): void
  /** When to call `tick` next; undefined when nothing is due. */
  deadlineMs(): number | undefined
  /** The next output; drain until undefined. */
  poll(): Output | undefined
}

/** The earliest of some deadlines. */
export function earliest(...deadlines: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined
  // Counted: this is asked after every step, and an iterator costs more than the rest of it.
  for (let at = 0; at < deadlines.length; at += 1) {
    const deadline = deadlines[at]
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline
  }
  return first
}
