// Talking in a page as people do: what system tests of rooms share.
import type { Page } from 'playwright-core'

/** Types a text and presses Enter. */
export async function say(page: Page, text: string): Promise<void> {
  await page.locator('textarea[data-composer]').fill(text)
  await page.locator('textarea[data-composer]').press('Enter')
}

/** Waits until a page shows a message with this text. */
export async function hears(page: Page, text: string): Promise<void> {
  await page.locator('[data-message]', { hasText: text }).waitFor()
}
