// What a room needs once one is in it, and not for its first words: one part of the page.
export { TalkLog } from '../talk/talk-log.tsx'
export { PeoplePanel } from './people-panel.tsx'
export { whyWords } from './path-words.ts'
