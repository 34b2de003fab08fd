// The shape of the state machines here: they take input and time and give output, and do nothing.

export interface Machine<Input, Output> {
  /** A packet or a command. `nowMs` is any clock that does not run backwards. */
  handle(input: Input, nowMs: number): void
  /** A deadline passed. */
  tick(nowMs: number): void
  /** When to call `tick` next; undefined when nothing is due. */
  deadlineMs(): number | undefined
  /** The next output; drain until undefined. */
  poll(): Output | undefined
}
