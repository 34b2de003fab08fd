// What the page's parts (docs/decisions/0007-lazy-parts.md) take from it instead of carrying copies: the
// build gives them these exports by `globalThis.knotholeShared`. Parts with components only; the engine's
// are loaded before the page proper is there.
export { Fragment, jsx, jsxs } from 'preact/jsx-runtime'
export { options } from 'preact'
export { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
export { signal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
export { carePart } from './care/part.ts'
export { paperPart } from './paper/part.ts'
export { announce } from './parts/announcer.tsx'
export { Avatar } from './parts/avatar.tsx'
export { Icon } from './parts/icons.tsx'
export { grainPaths, ringPath } from './parts/knot.ts'
export { usePart } from './parts/lazy-part.ts'
export { Mark } from './parts/mark.tsx'
export { NoticeCard } from './parts/notice.tsx'
export { qrPart } from './parts/qr-part.ts'
export { TypingDots } from './parts/typing-dots.tsx'
export { Opening, Stopped } from './parts/whole-window.tsx'
export { clockTime } from './room/format.ts'
export { linkify } from './room/linkify.ts'
export { LogOpening } from './room/log-opening.tsx'
export {
  allStraight,
  connectedPeople,
  distinctNames,
  isHere,
  roomTitle,
  spokenName,
  truthLine,
} from './room/people.ts'
export { Clock, RowView } from './room/row-view.tsx'
export { DOCTOR_PATH, pastedRoute } from './route.ts'
export { readRecentRooms } from './storage/recent-rooms.ts'
export { NO_ROOM_MADE, nameList, PATH_IS_STRAIGHT, SERVER_AWAY, SHORTEN } from './words.ts'
