import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchChromium } from '../chromium.ts'
import { openNetwork } from '../network.ts'
import { limit } from './limit.ts'
import { measureOnce } from './measure.ts'
import { openPageStage } from './page-stage.ts'

const reason = findChromium() === undefined ? ' (skipped: no Chromium found)' : ''

describe.skipIf(reason !== '')(`a run of first-message${reason}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('takes at least the round trips that the way of signalling needs', async () => {
    const roundTripMs = 80
    const network = openNetwork(roundTripMs)
    const stage = await limit.open(network)
    const { sample, problem } = await measureOnce(browser, stage)
    await stage.close()
    await network.close()
    expect(problem).toBeUndefined()
    // Two for the page, two for the socket, two for offer and answer through the server.
    expect(sample).toBeGreaterThan(6 * roundTripMs)
  })

  it('says why there is no time when nobody greets', async () => {
    const script = "document.body.dataset.ready = ''; console.error('lost my tongue')"
    const stage = await openPageStage(openNetwork(0), { script, packaging: 'file' })
    const outcome = await measureOnce(browser, stage, 2000)
    await stage.close()
    expect(outcome.sample).toBeUndefined()
    expect(outcome.problem).toContain('no message within 2 s')
    expect(outcome.problem).toContain('lost my tongue')
  })

  it('stops the bench when the browser is gone, instead of counting failures', async () => {
    const doomed = await launchChromium()
    const stage = await openPageStage(openNetwork(0), { script: '', packaging: 'inline' })
    await doomed.close()
    await expect(measureOnce(doomed, stage)).rejects.toMatchObject({ code: 'browser-gone' })
    await stage.close()
  })

  it('does not take another message for the greeting', async () => {
    const script = `document.body.dataset.ready = ''
      document.body.insertAdjacentHTML('beforeend', '<p data-message>hello</p>')`
    const stage = await openPageStage(openNetwork(0), { script, packaging: 'inline' })
    const outcome = await measureOnce(browser, stage, 2000)
    await stage.close()
    expect(outcome.sample).toBeUndefined()
  })
})
