// What the page's parts (docs/decisions/0007-lazy-parts.md) take from it instead of carrying copies: the
// build gives them these exports by `globalThis.knotholeShared`. Parts with components only; the engine's
// are loaded before the page proper is there.
export { Fragment, jsx, jsxs } from 'preact/jsx-runtime'
export { options } from 'preact'
export { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
export { signal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
export { announce } from './parts/announcer.tsx'
export { Avatar } from './parts/avatar.tsx'
export { Dialog } from './parts/dialog.tsx'
export { Icon } from './parts/icons.tsx'
export { grainPaths, ringPath } from './parts/knot.ts'
export { Mark } from './parts/mark.tsx'
export { TypingDots } from './parts/typing-dots.tsx'
export { HideAddress } from './parts/hide-address.tsx'
export { Opening, Stopped } from './parts/whole-window.tsx'
export { ago, byteCount, until } from './room/format.ts'
export { linkify } from './room/linkify.ts'
export { NameEditor } from './room/name-editor.tsx'
export { allStraight, connectedPeople, truthLine } from './room/people.ts'
export { LogOpening } from './room/log-opening.tsx'
export { Clock, RowView } from './room/row-view.tsx'
export { DOCTOR_PATH, pastedRoute } from './route.ts'
export { readRecentRooms } from './storage/recent-rooms.ts'
export {
  BROWSER_WORDS,
  ENGINE_WORDS,
  HIDE_WORDS,
  LINK_WORDS,
  nameList,
  PATH_IS_STRAIGHT,
  unreachableWords,
} from './words.ts'
