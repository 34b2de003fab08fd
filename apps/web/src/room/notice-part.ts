// The lines between messages, which are not needed for a room's first words: one part of the page.
export { withNotice } from './notice-list.ts'
export { faultNotice, noticesOf } from './notices.ts'
