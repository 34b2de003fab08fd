// Texts that outlive the page. Private windows and full disks refuse storage: then they live as long
// as the page does, and nothing fails.

/** A small store of texts. */
export interface KeyValue {
  get(key: string): string | undefined
  set(key: string, value: string | undefined): void
}

/** A store over a Web Storage area, or over memory where the browser refuses one. */
export function keyValueOf(area: () => Storage): KeyValue {
  const memory = new Map<string, string>()
  return {
    get(key) {
      try {
        return area().getItem(key) ?? memory.get(key)
      } catch {
        return memory.get(key)
      }
    },
    set(key, value) {
      memory.delete(key)
      try {
        if (value === undefined) area().removeItem(key)
        else area().setItem(key, value)
      } catch {
        if (value !== undefined) memory.set(key, value)
      }
    },
  }
}
