import { lazyPart } from '../parts/lazy-part.ts'

/** The conversation with all that can be done in it, and the people in it. */
export const roomPart = lazyPart(() => import('./room-part.ts'))
