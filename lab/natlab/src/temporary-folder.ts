// Folders for the life of something in the lab, named after their owner's pid: an interrupted process
// removes its folders while exiting, and those of a killed one are swept away later.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isAlive, OUTER_PID, ownerPid } from './owner.ts'

/** A folder and what removes it. */
export interface TemporaryFolder {
  readonly path: string
  remove(): void
}

const OWNED_FOLDER = /^natlab-(?<pid>\d+)-/

/** As we found it: the command points TMPDIR into a folder of its own later. */
const ROOT = tmpdir()

/** Those that exist; one listener for all removes them when the process exits. */
const folders = new Set<string>()

/** Makes an empty folder under the system's temporary one. */
export function makeTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(ROOT, `natlab-${ownerPid()}-`))
  if (folders.size === 0) process.once('exit', removeAll)
  folders.add(path)
  return {
    path,
    remove: () => {
      folders.delete(path)
      if (folders.size === 0) process.removeListener('exit', removeAll)
      rmSync(path, { recursive: true, force: true })
    },
  }
}

function removeAll(): void {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
}

/** Removes our folders of dead processes; inside a user namespace nobody can tell who is alive. */
export function sweepTemporaryFolders(): void {
  if (process.env[OUTER_PID] !== undefined) return
  for (const name of readdirSync(ROOT)) {
    const pid = OWNED_FOLDER.exec(name)?.groups?.['pid']
    if (pid === undefined || isAlive(Number(pid))) continue
    const path = join(ROOT, name)
    const owner = statSync(path, { throwIfNoEntry: false })?.uid
    if (owner === process.getuid?.()) rmSync(path, { recursive: true, force: true })
  }
}
