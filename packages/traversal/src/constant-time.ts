// Comparing what somebody sent with what only we can make, without telling by the time it takes how much of it
// was right.

/** Whether both are the same bytes. */
export function equalInConstantTime(received: Uint8Array, expected: Uint8Array): boolean {
  if (received.length !== expected.length) return false
  let difference = 0
  for (let at = 0; at < expected.length; at++)
    difference |= (expected[at] ?? 0) ^ (received[at] ?? 0)
  return difference === 0
}
