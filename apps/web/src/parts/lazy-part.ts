// A part of the page that is fetched when it is wanted (docs/decisions/0007-lazy-parts.md): once, and not
// at all when the server is away.

export interface LazyPart<Part> {
  /** The part, if it is here. */
  readonly now: Part | undefined
  /** Fetches it; undefined when it cannot be had. */
  load(): Promise<Part | undefined>
}

/** A part, by the import that fetches it. */
export function lazyPart<Part>(fetchPart: () => Promise<Part>): LazyPart<Part> {
  let now: Part | undefined
  return {
    get now() {
      return now
    },
    async load() {
      // reason: the server is away; whoever wants the part says so.
      now ??= await fetchPart().catch(() => undefined)
      return now
    },
  }
}
