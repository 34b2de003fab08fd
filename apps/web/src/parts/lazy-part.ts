// A part of the page that is fetched when it is wanted (docs/decisions/0007-lazy-parts.md): once, and not
// at all when the server is away.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

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

/** A part that could not be fetched is asked for again after this long. */
const AGAIN_MS = 5_000

/** A part for a component, which is drawn again when it is here. */
export function usePart<Part>(part: LazyPart<Part>): Part | undefined {
  const now = useSignal(part.now)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = async (): Promise<void> => {
      now.value = await part.load()
      if (now.value === undefined && !isOver) timer = setTimeout(() => void load(), AGAIN_MS)
    }
    let isOver = false
    void load()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [part])
  return now.value
}
