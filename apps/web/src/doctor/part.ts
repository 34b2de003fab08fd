import { lazyPart } from '../parts/lazy-part.ts'

/** The doctor's page. */
export const doctorPart = lazyPart(() => import('./doctor.tsx'))
