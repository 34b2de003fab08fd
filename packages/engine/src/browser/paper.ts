// Invitations on paper, for a browser: fetched when somebody wants one.
export { PaperDesk } from '../shell/paper.ts'
