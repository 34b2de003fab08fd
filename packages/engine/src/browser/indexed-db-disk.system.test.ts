import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../../../tools/requirements.mjs'
import { Profiles, call, openStoreBrowser, serveScript } from './store-browsers.testing.ts'
import type { BrowserName } from './store-browsers.testing.ts'

const ENTRY = `${import.meta.dirname}/indexed-db.testing.ts`

const profiles = new Profiles()
let served: Awaited<ReturnType<typeof serveScript>>

beforeAll(async () => {
  served = await serveScript(ENTRY)
})

afterAll(async () => {
  await served.close()
  await profiles.remove()
})

/** Whether any file of a profile holds these bytes. */
function holds(folder: string, bytes: Buffer): boolean {
  return readdirSync(folder).some((name) => {
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return false
    if (stat.isDirectory()) return holds(path, bytes)
    return stat.isFile() && readFileSync(path).includes(bytes)
  })
}

describe.each<BrowserName>(['chromium', 'firefox'])('a store on the disk in %s', (name) => {
  const reason = missing(name)
  describe.skipIf(reason !== undefined)(`with a browser ${reason ?? ''}`, () => {
    it('E364 what was written is there after the browser was killed', async () => {
      const profile = await profiles.make()
      const browser = await openStoreBrowser(name, { profile })
      const page = await browser.open(served.url)
      await call(page, 'hold', 'a', 1)
      const appends = Array.from({ length: 20 }, (_, at) => [1, at + 1, at + 1])
      expect(await call(page, 'appendAll', 'a', appends)).toBe('fine')
      await browser.kill()
      const again = await openStoreBrowser(name, { profile })
      const after = await again.open(served.url)
      await call(after, 'hold', 'a', 1)
      expect(await call(after, 'holdsAppends', 'a', appends)).toBe(true)
      await again.close()
    })

    it('E365 the files of a profile hold nothing of an entry that can be read', async () => {
      const profile = await profiles.make()
      const browser = await openStoreBrowser(name, { profile })
      const page = await browser.open(served.url)
      await call(page, 'hold', 'a', 1)
      await call(page, 'append', 'a', [0x5a, 1, 3])
      await call(page, 'note', 'a', 'receipt:somebody')
      const sealed = String(await call(page, 'sealedBytes', 1, 2))
      await call(page, 'letGo', 'a')
      await browser.close()
      // The search finds what is there: the sealed row.
      expect(holds(profile, Buffer.from(sealed, 'hex').subarray(20, 60))).toBe(true)
      // The author's key, headers and bodies are runs of one byte each; the note has a name.
      for (const byte of [0x5a, 0x5b]) expect(holds(profile, Buffer.alloc(20, byte))).toBe(false)
      for (const encoding of ['utf8', 'utf16le'] as const)
        expect(holds(profile, Buffer.from('somebody', encoding))).toBe(false)
    })

    it('E374 in a private window it is kept while the browser runs, and not on the disk', async () => {
      const profile = await profiles.make()
      const browser = await openStoreBrowser(name, { profile, isPrivate: true })
      const page = await browser.open(served.url)
      expect(await call(page, 'hold', 'a', 1)).toBe('fine')
      expect(await call(page, 'append', 'a', [1, 1, 300])).toBe('fine')
      const sealed = String(await call(page, 'sealedBytes', 1, 2))
      await call(page, 'letGo', 'a')
      await call(page, 'hold', 'a', 1)
      expect(await call(page, 'holdsAppends', 'a', [[1, 1, 300]])).toBe(true)
      expect(sealed.length).toBeGreaterThan(100)
      expect(holds(profile, Buffer.from(sealed, 'hex').subarray(20, 60))).toBe(false)
      await browser.close()
      const again = await openStoreBrowser(name, { profile, isPrivate: true })
      const after = await again.open(served.url)
      await call(after, 'hold', 'a', 1)
      expect(await call(after, 'contents', 'a')).toMatchObject({ entries: 0, isDamaged: false })
      await again.close()
    })

    it('E367 what is let go is not in its row; once the database is closed, in no file of Firefox', async () => {
      const profile = await profiles.make()
      const browser = await openStoreBrowser(name, { profile })
      const page = await browser.open(served.url)
      await call(page, 'hold', 'a', 1)
      await call(page, 'append', 'a', [1, 1, 3])
      const pieceOf = async (): Promise<Buffer> =>
        Buffer.from(String(await call(page, 'sealedBytes', 1, 2)), 'hex').subarray(20, 60)
      const before = await pieceOf()
      expect(await call(page, 'forgetBody', 'a', 1, 2)).toBe('fine')
      const after = await pieceOf()
      expect(after.equals(before)).toBe(false)
      expect(await call(page, 'contents', 'a')).toMatchObject({ entries: 3, bodies: 2 })
      await call(page, 'letGo', 'a')
      await browser.close()
      expect(holds(profile, after)).toBe(true)
      // Chromium keeps old rows, sealed, until it tidies its files: THREAT-MODEL.md says so.
      expect(name === 'firefox' && holds(profile, before)).toBe(false)
      const again = await openStoreBrowser(name, { profile })
      const later = await again.open(served.url)
      await call(later, 'hold', 'a', 1)
      expect(await call(later, 'erase', 'a')).toBe('fine')
      expect(await call(later, 'databases')).toEqual([])
      await again.close()
      expect(name === 'firefox' && holds(profile, after)).toBe(false)
    })
  })
})
