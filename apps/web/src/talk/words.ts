// Every sentence the conversation says about a message, a gap, how long it is kept and how well. Typed
// over the unions of the engine, so that a new state does not compile until it has words.
import type {
  Delivery,
  DeliveryTo,
  ImportReport,
  Keep,
  Message,
  TalkEvent,
  TalkGap,
  TalkProblem,
  TalkStorage,
} from '../engine.ts'
import { nameList } from '../words.ts'

/** So many names can be told one by one. */
const MANY = 3

/** Where a message of ours has got to, in the few words there is room for. */
export function deliveryWords(delivery: Delivery): string {
  switch (delivery.type) {
    case 'waiting':
      return 'Waiting: nobody here yet'
    case 'carried':
      return delivery.by.length > MANY
        ? `With ${delivery.by.length} of ${delivery.of}, who pass it on`
        : `Carried by ${nameList(delivery.by)}`
    case 'delivered':
      return delivery.of === 1
        ? `Delivered to ${nameList(delivery.names)}`
        : `Delivered to ${delivery.to === delivery.of ? `all ${delivery.of}` : `${delivery.to} of ${delivery.of}`}`
    case 'read':
      return delivery.by.length === delivery.of && delivery.of > 1
        ? 'Read by everyone'
        : `Read by ${nameList(delivery.by)}`
  }
}

/** What that means and what comes next, for the view of each person. */
export function deliveryMeaning(delivery: Delivery): string {
  switch (delivery.type) {
    case 'waiting':
      return 'It is kept on this device and goes out as soon as someone comes who can take it. They pass it on to the others, even if you have left by then.'
    case 'carried':
      return `${delivery.by.length > MANY ? 'They' : nameList(delivery.by)} will pass it on to the others when they come, even if you have left by then.`
    case 'delivered':
      return delivery.to === delivery.of
        ? 'Everyone you know here has it.'
        : 'Those who have it pass it on to the others when they come, even if you have left by then.'
    case 'read':
      return 'Only people who let others know what they read are listed as readers.'
  }
}

/** What was heard of each person: somebody out of reach may have it, and their word of it be on its way. */
export const PERSON_DELIVERY_WORDS: Readonly<Record<DeliveryTo['state'], string>> = {
  waiting: 'Not confirmed yet',
  delivered: 'Delivered',
  read: 'Read',
}

/** Messages that are missing between two others. */
export function gapWords({ count, from }: TalkGap): string {
  const what =
    count === 1 ? '1 message is missing' : `${count.toLocaleString()} messages are missing`
  return from === ''
    ? `${what}. They will be asked for when someone has them`
    : `${what}, asking ${from}`
}

/** Why a message is not shown, or not as the others. */
export const PROBLEM_WORDS: Readonly<Record<TalkProblem, (name: string) => string>> = {
  forked: (name) =>
    `${name} told different people different things here. Nothing of this history counts from this point on.`,
  'from-future': (name) => `The clock of ${name} is far ahead of yours.`,
  'newer-kind': (name) =>
    `${name} sent something that this version of Knothole does not know. Reload the page for a newer one.`,
  damaged: (name) => `A message of ${name} is damaged and cannot be read.`,
}

/** What happened in the conversation beside texts. */
export function eventWords(message: Message, event: TalkEvent): string {
  const who = message.mine ? 'You' : message.name
  if (event.type === 'keep') return `${who} set: ${KEEP_WORDS[event.keep].said}`
  if (event.type === 'left') return `${who} left`
  return message.mine ? `You are now ${event.name}` : `Someone is now ${event.name}`
}

/** A policy: its name, the line in the conversation, and what it means for a person. */
export interface KeepWords {
  readonly label: string
  readonly said: string
  readonly meaning: string
}

export const KEEP_WORDS: Readonly<Record<Keep, KeepWords>> = {
  memory: {
    label: 'Nothing',
    said: 'nothing is kept',
    meaning:
      'Messages live only in open windows. When the last one closes, they are gone; what you typed alone is gone when you close yours.',
  },
  day: {
    label: '24 hours',
    said: 'messages are kept for 24 hours',
    meaning: 'Every device keeps messages, sealed, for a day after they were written.',
  },
  month: {
    label: '30 days',
    said: 'messages are kept for 30 days',
    meaning: 'Every device keeps messages, sealed, for 30 days after they were written.',
  },
  forever: {
    label: 'For good',
    said: 'messages are kept for good',
    meaning:
      'Every device keeps all messages, sealed, until its owner forgets the room. Whoever comes later can read everything.',
  },
}

/** The policy in a sentence. */
export function keepLine(keep: Keep): string {
  const { said } = KEEP_WORDS[keep]
  return `Here ${said}${keep === 'memory' ? '.' : ', sealed, on the devices of everyone in the room.'}`
}

/** Policies from the least kept to the most. */
export const KEEPS: readonly Keep[] = ['memory', 'day', 'month', 'forever']

/** What the choice is worth, and where it ends. */
export const KEEP_TRUTH =
  'Everyone sees the choice, and every honest copy of Knothole keeps to it. Nobody can make another person forget what they have read.'

/** A trouble with keeping: what is so, what it means, what to do. */
export interface TroubleWords {
  readonly title: string
  readonly body: string
}

export const STORAGE_WORDS: Readonly<
  Record<Exclude<TalkStorage, 'durable' | 'memory'>, TroubleWords>
> = {
  full: {
    title: 'This device is out of space',
    body: 'You can go on talking, but new messages are kept only until this window closes. The others keep theirs. Free some space, or forget a room you no longer need, then reload.',
  },
  blocked: {
    title: 'This browser keeps nothing',
    body: 'It is a private window, or storage is switched off for this page. You can talk as always; what is said here is gone from this device when you close the window.',
  },
  newer: {
    title: 'A newer Knothole has been here',
    body: 'What this device keeps of the room was written by a newer version, and this one leaves it alone. Reload the page to get the newer version; until then nothing new is kept.',
  },
  damaged: {
    title: 'What was kept here is damaged',
    body: 'This device cannot read what it kept of this room. Anyone here who has the messages sends them again. If nobody has, forget the room on this device and start afresh.',
  },
}

/** What an import brought. */
export function importWords({ added, known, refused }: ImportReport): string {
  const parts = [
    added === 0 ? 'Nothing new' : `${added.toLocaleString()} messages added`,
    ...(known > 0 ? [`${known.toLocaleString()} were here already`] : []),
    ...(refused > 0
      ? [`${refused.toLocaleString()} refused, because they are not as they were written`]
      : []),
  ]
  return `${parts.join(', ')}.`
}

export const EXPORT_FAILED = 'That did not work. Try again in a moment.'
export const IMPORT_FAILED = 'This file is no export of this room, or it is damaged.'

export const RECEIPT_WORDS = {
  label: 'Tell others what I have read',
  detail: 'They see “Read by you” under their messages, in every room.',
} as const

export const FORGET_WORDS = {
  ask: 'Forget this room here',
  detail:
    'Erases its messages and its link from this device. The others keep theirs, and with the link you can come back.',
  sure: 'Yes, forget it',
} as const

export const DELETE_WORDS = {
  title: 'Delete this message?',
  detail:
    'It goes from this device now, and everyone else’s copy is asked to let it go. Nobody can be made to forget what they have read.',
  sure: 'Delete for everyone',
} as const
