import { lazyPart } from '../parts/lazy-part.ts'

/** Invitations on paper: wanted when no server answers. */
export const paperPart = lazyPart(() => import('./paper-panel.tsx'))
