import { lazyPart } from '../parts/lazy-part.ts'

/** The first screen: who comes by a link to a room does without. */
export const homePart = lazyPart(() => import('./home.tsx'))
