/** The switch that hides one's address. */
export const HIDE_WORDS = {
  label: 'Hide my address',
  detail:
    'The others see a relay instead of your network address. It is slower: every message takes the way through a server, sealed.',
  later: 'This room still has your address. Coming in again hides it, and empties this window.',
  laterShown: 'You are still hidden here. Coming in again shows it, and empties this window.',
  again: 'Come in again',
  here: 'You, address hidden',
} as const
