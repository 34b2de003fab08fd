// Which rows of a long list to draw, and where. Measuring and keeping one's place while rows above come
// and grow are @tanstack/virtual-core's; this ties it to a component.
import {
  Virtualizer,
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from '@tanstack/virtual-core'
import type { Range, VirtualItem } from '@tanstack/virtual-core'
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { options as rendering } from 'preact'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Listed } from './listed.ts'

/** What a row is taken to be high until it was measured, in CSS pixels: one line in its bubble. */
const ROW_PX = 46

/** How near the end still counts as at the end, in CSS pixels: about one line. */
const END_PX = 40

/** Rows drawn beyond the window, so that a flick shows no empty place. */
const OVERSCAN_ROWS = 12

/** So many rows are drawn all at once: the browser's own search then finds what was said. */
const SHORT_ROWS = 150

/** Space above the first row and below the last, in CSS pixels. */
const PADDING_PX = { paddingStart: 20, paddingEnd: 8 }

type Log = Virtualizer<HTMLDivElement, HTMLDivElement>

/** The rows to draw now. */
export interface VirtualRows {
  readonly list: Log
  readonly items: readonly VirtualItem[]
  readonly heightPx: number
  /** Where the first of `items` begins. */
  readonly startPx: number
}

/** Follows a list of rows in an element that scrolls. `onScroll` is called after each move. */
export function useVirtualRows(
  log: RefObject<HTMLDivElement | null>,
  rows: Listed,
  onScroll: (list: Log) => void,
): VirtualRows {
  const moved = useSignal(0)
  void moved.value
  const held = useRef<Log>(null)
  const options = {
    ...PADDING_PX,
    count: rows.length,
    getItemKey: (index: number) => rows.key(index),
    getScrollElement: () => log.current,
    estimateSize: () => ROW_PX,
    initialOffset: () => rows.length * ROW_PX,
    overscan: OVERSCAN_ROWS,
    rangeExtractor,
    anchorTo: 'end' as const,
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: (list: Log, sync: boolean) => {
      if (sync) drawNow(moved)
      else moved.value += 1
      onScroll(list)
    },
  }
  const list = (held.current ??= new Virtualizer<HTMLDivElement, HTMLDivElement>(options))
  list.setOptions(options)
  useEffect(() => list._didMount(), [])
  useLayoutEffect(() => list._willUpdate())
  useLayoutEffect(() => list.scrollToEnd(), [])
  const items = list.getVirtualItems()
  return { list, items, heightPx: list.getTotalSize(), startPx: items[0]?.start ?? 0 }
}

function rangeExtractor(range: Range): number[] {
  return range.count <= SHORT_ROWS
    ? Array.from({ length: range.count }, (_, index) => index)
    : defaultRangeExtractor(range)
}

/** Draws within the frame: a list that has moved its scroll position must not show old rows there. */
function drawNow(moved: Signal<number>): void {
  // As `flushSync` of preact/compat does it.
  Object.assign(rendering, { debounceRendering: (draw: () => void) => draw() })
  moved.value += 1
  Object.assign(rendering, { debounceRendering: undefined })
}
