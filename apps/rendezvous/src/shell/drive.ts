// Runs the machine against the world: one timer for its deadline, one place for its outputs. Decides
// nothing.
import type { Machine } from '../core/index.ts'

export interface DriveOptions<Output> {
  readonly perform: (output: Output) => void
  readonly nowMs: () => number
}

/** A machine that is running. */
export interface Drive<Input> {
  input(input: Input): void
  /** Stops the timer; inputs afterwards do nothing. */
  close(): void
}

export function drive<Input, Output>(
  machine: Machine<Input, Output>,
  { perform, nowMs }: DriveOptions<Output>,
): Drive<Input> {
  let timer: NodeJS.Timeout | undefined
  let timerAtMs: number | undefined
  let isDraining = false
  let isClosed = false

  const schedule = (): void => {
    const deadlineMs = machine.deadlineMs()
    if (deadlineMs === timerAtMs) return
    clearTimeout(timer)
    timerAtMs = deadlineMs
    if (deadlineMs !== undefined) timer = setTimeout(onTimer, Math.max(0, deadlineMs - nowMs()))
  }

  // An effect may bring input at once; the loop that is running performs what follows.
  const settle = (): void => {
    if (isDraining || isClosed) return
    isDraining = true
    try {
      for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
        perform(output)
      }
    } finally {
      isDraining = false
    }
    schedule()
  }

  const onTimer = (): void => {
    timerAtMs = undefined
    machine.tick(nowMs())
    settle()
  }

  settle()
  return {
    input(input) {
      if (isClosed) return
      machine.handle(input, nowMs())
      settle()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
