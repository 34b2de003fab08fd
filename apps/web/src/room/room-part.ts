// What a room needs once one is in it, and not for its first words: one part of the page.
import '../parts/later-sheet.ts'
import '../parts/tab-icon.ts'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import sheet from '../styles/around.css?inline'

adoptSheet(sheet)

export { About } from './about.tsx'
export { TalkLog } from '../talk/talk-log.tsx'
export { NamePrompt } from './name-prompt.tsx'
export { PeoplePanel } from './people-panel.tsx'
export { RoomDialogs } from './room-dialogs.tsx'
export { RoomHeader } from './room-header.tsx'
export { BeforeTalk } from './stage-view.tsx'
export { WarningStrip } from './warning-strip.tsx'
