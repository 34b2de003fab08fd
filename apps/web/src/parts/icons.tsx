// The page's icons: 20 × 20, drawn with the current text colour, decorative unless their button is
// named. Kept as paths so that no file has to be fetched.
import type { JSX } from 'preact'

const PATHS = {
  arrowLeft: 'M12.5 4.5 7 10l5.5 5.5',
  arrowDown: 'M10 4v12m0 0-4.5-4.5M10 16l4.5-4.5',
  send: 'M10 16V4m0 0L5 9m5-5 5 5',
  share: 'M10 12.5V3m0 0L6.5 6.5M10 3l3.5 3.5M5 9.5H4v7h12v-7h-1',
  copy: 'M7.5 7.5v-4h9v9h-4m-9-5h9v9h-9z',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  close: 'm5.5 5.5 9 9m0-9-9 9',
  people:
    'M7.5 9.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM2.5 16c.4-2.600 2.400-4 5-4s4.600 1.400 5 4M13 4.200a2.750 2.750 0 0 1 0 5.100M14.500 12.300c1.700.500 2.700 1.800 3 3.700',
  pencil: 'm4 16 .7-3.200L13.200 4.300l2.500 2.500-8.500 8.500zM11.500 6l2.500 2.500',
  smile:
    'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7 11.5c.7 1.300 1.700 2 3 2s2.300-.700 3-2M7.700 8v.100M12.300 8v.100',
  reply: 'M8 5 3.500 9.500 8 14M4 9.500h7.500c3 0 5 1.800 5 5.500',
  more: 'M5 10v.01M10 10v.01M15 10v.01',
  trash: 'M4 6h12M8 6V4h4v2M5.500 6l.700 10.500h7.600L14.500 6',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4.200l2.700 1.600',
  warning: 'M10 3.500 17.500 16.500h-15zM10 8.500v3.500m0 2.200v.1',
} as const

/** Names of the icons there are. */
export type IconName = keyof typeof PATHS

/** One icon. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
