// Invitations on paper, for a browser: fetched when somebody wants one.
export { openPaperDesk } from '../shell/paper/paper-host.ts'
