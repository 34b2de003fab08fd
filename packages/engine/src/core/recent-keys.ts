// A table that remembers the newest of its keys and forgets the rest.

/** Notes a key as the newest; the oldest goes when there are too many. */
export function rememberKey<Key, Value>(
  table: Map<Key, Value>,
  key: Key,
  { value, most }: { readonly value: Value; readonly most: number },
): void {
  table.delete(key)
  table.set(key, value)
  const oldest = table.keys().next()
  if (table.size > most && oldest.done !== true) table.delete(oldest.value)
}
