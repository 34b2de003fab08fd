import { lazyPart } from '../parts/lazy-part.ts'

/** How a room's conversation is kept, saved and forgotten: asked for now and then. */
export const carePart = lazyPart(() => import('./care-dialog.tsx'))
