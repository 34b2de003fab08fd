// What the server wrote into the page. Checked by schema: a page served by a stranger's proxy must not
// feed the engine anything else.
import { pageConfig } from '@knothole/wire'
import type { PageConfig } from '@knothole/wire'
import * as v from 'valibot'

/** The page's configuration; without STUN servers when it is missing or malformed. */
export function readPageConfig(root: Document): PageConfig {
  const parsed = v.safeParse(
    pageConfig,
    parseJson(root.getElementById('knothole-config')?.textContent),
  )
  return parsed.success ? parsed.output : { stunUrls: [] }
}

function parseJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
