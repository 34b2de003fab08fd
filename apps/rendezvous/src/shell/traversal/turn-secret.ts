// The secret that credentials of the relay are made with: made once, kept beside the database, so that
// credentials handed out before a restart hold after it.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE_NAME = 'turn-secret'
const SECRET_BYTES = 32

/** The secret of a data folder, made if there is none; readable by its owner only. */
export async function keepTurnSecret(dataFolder: string): Promise<string> {
  const file = join(dataFolder, FILE_NAME)
  const made = randomBytes(SECRET_BYTES).toString('base64url')
  try {
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const kept = (await readFile(file, 'utf8')).trim()
  if (kept === '') throw new Error(`${file} is empty: remove it, and a new one is made`)
  return kept
}
