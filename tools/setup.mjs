// What the laboratories share: all npm packages, the product as it ships, and the lab's own build.
import { buildProduct } from './build.mjs'
import { install } from './install.mjs'
import { tool } from './run.mjs'

/**
 * Makes a laboratory ready to run.
 * @param {string} workspace its folder
 * @returns {boolean} false when something failed; the reason is on the screen
 */
export function setUp(workspace) {
  return install() && buildProduct() && tool('typescript', ['-b', workspace]) === 0
}
