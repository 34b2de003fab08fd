import { lazyPart } from '../parts/lazy-part.ts'

/** What is there to see where no room is: who comes by a good link does without. */
export const stopPart = lazyPart(() => import('./stop-screen.tsx'))
