// Folders for the life of something in the lab, named after their owner's pid: an interrupted process
// removes its folders while exiting, and those of a killed one are swept away later.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isAlive, ownerPid } from './owner.ts'

/** A folder and what removes it. */
export interface TemporaryFolder {
  readonly path: string
  remove(): void
}

const OWNED_FOLDER = /^natlab-(?<pid>\d+)-/

/** As we found it: the command points TMPDIR into a folder of its own later. */
const ROOT = tmpdir()

/** Makes an empty folder under the system's temporary one. */
export function makeTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(ROOT, `natlab-${ownerPid()}-`))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    remove: () => {
      process.removeListener('exit', remove)
      remove()
    },
  }
}

/** Removes the folders of dead processes. */
export function sweepTemporaryFolders(): void {
  for (const name of readdirSync(ROOT)) {
    const pid = OWNED_FOLDER.exec(name)?.groups?.['pid']
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(ROOT, name), { recursive: true, force: true })
  }
}
