// What the page says about invitations on paper.

import type { PaperFault } from '../engine.ts'

export const FAULT_WORDS: Readonly<Record<PaperFault, string>> = {
  'not-paper': 'This is not an invitation or an answer, or a part of it is missing.',
  'other-room': 'This was written for another room, or a letter of it was changed.',
  'wrong-kind':
    'This is not the text that is wanted here: an invitation goes to the newcomer, and the answer back to who wrote it.',
  expired: 'This invitation is too old. Ask for a new one.',
  used: 'This invitation was used or withdrawn. Write a new one.',
}

export const WORDS = {
  why: 'When no server answers, you can still bring somebody in: give them this invitation, by eye, by hand or by another messenger, and take their answer back.',
  tabs: { invite: 'Invite somebody', answer: 'I was given an invitation' },
  writing: 'Just a moment…',
  failed: 'This browser cannot do that now.',
  show: 'Show this to one person. It is good for ten minutes and one answer.',
  invite: 'Invitation',
  inviteCode: 'The invitation as a QR code',
  answer: 'Answer',
  answerCode: 'The answer as a QR code',
  withKey: 'Put the room’s link on it, too',
  keyTruth: 'Whoever sees this can enter the room, now and later, as with the link.',
  noKeyTruth: 'They need the room’s link, too: without it the invitation cannot be read.',
  giveAnswer: 'Their answer',
  giveInvite: 'The invitation',
  carryBack: 'Carry this answer back to who invited you. You are in as soon as they have taken it.',
  accepted: 'Taken. They will be here in a moment.',
  go: 'Take it',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Press Ctrl+C to copy the selected text',
} as const
