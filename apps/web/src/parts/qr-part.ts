import { lazyPart } from './lazy-part.ts'

/** What draws QR codes; best fetched before one is asked for, since the server may be gone by then. */
export const qrPart = lazyPart(() => import('./qr-code.ts'))
