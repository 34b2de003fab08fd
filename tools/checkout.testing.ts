// A checkout in a temporary folder, for tests of the checks: what they find in seeded mistakes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes files (objects as JSON) into a new folder that is gone when the test ends. */
export function makeCheckout(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'knothole-checkout-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(folder, path), text)
  }
  return folder
}
