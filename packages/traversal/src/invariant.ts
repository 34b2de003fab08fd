// What must hold unless this package or its caller has a bug. Never for bytes from the network:
// those get a reason, not a throw.

/** Throws when `condition` is false: a programming error, not an event of the network. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`@knothole/traversal: ${message}`)
}
