// What the page's parts (docs/decisions/0007-lazy-parts.md) take from it instead of carrying copies: the
// build gives them these exports by `globalThis.knotholeShared`. Parts with components only; the engine's
// are loaded before the page proper is there.
export { Fragment, jsx, jsxs } from 'preact/jsx-runtime'
export { useEffect, useRef } from 'preact/hooks'
export { useSignal } from '@preact/signals'
export { announce } from './parts/announcer.tsx'
export { Icon } from './parts/icons.tsx'
export { grainPaths, ringPath } from './parts/knot.ts'
export { Mark } from './parts/mark.tsx'
export { HideAddress } from './parts/hide-address.tsx'
export { Opening, Stopped } from './parts/whole-window.tsx'
export { ago } from './room/format.ts'
export { DOCTOR_PATH, pastedRoute } from './route.ts'
export { forgetRooms, readRecentRooms } from './storage/recent-rooms.ts'
export { BROWSER_WORDS, ENGINE_WORDS, LINK_WORDS, nameList } from './words.ts'
