import { lazyPart } from '../parts/lazy-part.ts'
import type { LazyPart } from '../parts/lazy-part.ts'
import type { withNotice } from './notice-list.ts'
import type { faultNotice, noticesOf } from './notices.ts'

/** What notes who comes and goes. */
export interface NoticePart {
  readonly faultNotice: typeof faultNotice
  readonly noticesOf: typeof noticesOf
  readonly withNotice: typeof withNotice
}

/** The lines between messages. */
export const noticePart: LazyPart<NoticePart> = lazyPart(() => import('./notice-part.ts'))
